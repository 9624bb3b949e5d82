"""What a WSGI application is told, by the names of the gateway interface."""

import json
import os
from urllib.parse import unquote
from wsgiref.simple_server import WSGIRequestHandler, make_server


def application(environ, start_response):
    def told(name):
        return environ.get("HTTP_X_COATCHECK_" + name, "")

    known = {
        "path": environ["PATH_INFO"],
        "user": unquote(told("USER")),
        "userId": told("USER_ID"),
        "role": told("ROLE"),
        "session": told("SESSION"),
    }
    start_response("200 OK", [("Content-Type", "application/json")])
    return [json.dumps(known).encode()]


class Quiet(WSGIRequestHandler):
    def log_message(self, *args):
        pass


make_server("127.0.0.1", int(os.environ["APP_PORT"]), application, handler_class=Quiet).serve_forever()
