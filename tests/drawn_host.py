"""A picture host that simulated sites are sent to: one small picture for each path, drawn from its name."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO

from PIL import Image

from airtide.platforms.pictures.routes import SIMULATED_PATH


def draw(name: str, width: int = 64, height: int = 36) -> bytes:
    """Return a JPEG that is another one for each name."""
    seed = sha256(name.encode()).digest()
    small = Image.frombytes("RGB", (4, 2), (seed * 1)[:24])
    file = BytesIO()
    small.resize((width, height)).save(file, "JPEG", quality=80)
    return file.getvalue()


class DrawnHost:
    """Counts what it is asked for, by the last part of the path; what stands before the first `-` is drawn."""

    def __init__(self, *, width: int = 64, height: int = 36) -> None:
        self.asked: Counter[str] = Counter()
        self.drawn: dict[str, bytes] = {}
        self.port = 0
        self._size = (width, height)
        self._lock = threading.Lock()

    def answer(self, path: str) -> tuple[bytes, str]:
        """Return the picture of a path and its tag."""
        name = path.rpartition("/")[2].partition("-")[0].partition("?")[0]
        with self._lock:
            self.asked[name] += 1
            if name not in self.drawn:
                self.drawn[name] = draw(name, *self._size)
        return self.drawn[name], f'"{name}"'


@contextmanager
def running_host(host: DrawnHost) -> Iterator[DrawnHost]:
    """Serve it on a loopback port until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # an answer sent in two parts would wait for the first one to be acknowledged

        def do_GET(self) -> None:
            if not self.path.startswith(SIMULATED_PATH):
                self.send_error(404)
                return
            body, tag = host.answer(self.path)
            is_known = self.headers.get("If-None-Match") == tag
            self.send_response(304 if is_known else 200)
            self.send_header("ETag", tag)
            self.send_header("Content-Type", "image/jpeg")
            self.send_header("Content-Length", "0" if is_known else str(len(body)))
            self.end_headers()
            self.wfile.write(b"" if is_known else body)

        def log_message(self, *_said: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    host.port = server.server_address[1]
    serving = threading.Thread(target=server.serve_forever, daemon=True)
    serving.start()
    try:
        yield host
    finally:
        server.shutdown()
        server.server_close()
        serving.join()
