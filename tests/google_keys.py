"""Service accounts of a Google that only tests know: a key, and who changes its signature for a token."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

ANSWERS = {
    "/token": (200, {"access_token": "token-of-tests", "token_type": "Bearer", "expires_in": 3600}),
    "/refused": (400, {"error": "invalid_grant", "error_description": "Invalid JWT Signature."}),
    "/busy": (503, {"error": "internal_failure"}),
}


class TokenHandler(BaseHTTPRequestHandler):
    """Answers every question at a path alike."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        status, told = ANSWERS[self.path]
        body = json.dumps(told).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def running_token_server() -> Iterator[str]:
    """Run the server; yields its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), TokenHandler)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def make_key(token_uri: str) -> dict[str, str]:
    """Return the JSON key of a service account."""
    return {
        "type": "service_account",
        "project_id": "project-of-tests",
        "private_key_id": "1",
        "private_key": _make_private_key(),
        "client_email": "airtide@project-of-tests.iam.gserviceaccount.com",
        "client_id": "1",
        "token_uri": token_uri,
    }


@cache
def _make_private_key() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
