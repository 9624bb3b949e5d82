"""A small application that knows who is asking, and has no session code: the proxy before it tells."""

import json
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote


class Application(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self):
        # Percent-encoded, since a name may have any letters and a header may not.
        user = unquote(self.headers.get("X-Coatcheck-User", ""))
        # The key for what belongs to a user: a name can be taken again once its account is deleted, an id cannot.
        user_id = self.headers.get("X-Coatcheck-User-Id", "")
        # What decides what a user may do. A name such as "admin" says nothing: anybody may sign up with it.
        role = self.headers.get("X-Coatcheck-Role", "")
        session = self.headers.get("X-Coatcheck-Session", "")
        length = int(self.headers.get("Content-Length") or 0)
        self.rfile.read(length)
        known = {"path": self.path, "user": user, "userId": user_id, "role": role, "session": session}
        body = json.dumps(known).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = answer

    def log_message(self, *args):
        pass


if __name__ == "__main__":
    # On this machine alone: whoever reached it past the proxy could say to be anybody.
    ThreadingHTTPServer(("127.0.0.1", int(os.environ.get("APP_PORT", "8000"))), Application).serve_forever()
