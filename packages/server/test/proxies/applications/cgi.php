<?php
// What a CGI-like application is told, by the names of the gateway interface.
header('Content-Type: application/json');
echo json_encode([
  'path' => $_SERVER['REQUEST_URI'],
  'user' => rawurldecode($_SERVER['HTTP_X_COATCHECK_USER'] ?? ''),
  'userId' => $_SERVER['HTTP_X_COATCHECK_USER_ID'] ?? '',
  'role' => $_SERVER['HTTP_X_COATCHECK_ROLE'] ?? '',
  'session' => $_SERVER['HTTP_X_COATCHECK_SESSION'] ?? '',
]);
