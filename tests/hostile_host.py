"""A picture host on the loopback address that does whatever a test tells it to, and counts what it sent.

Only tests lead there: they hand in a network of their own, whose names and connections are theirs.
"""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from airtide.platforms.pictures.network import Network

LOOPBACK = "127.0.0.1"
PUBLIC = "93.184.216.34"
"""An address of the internet, which tests lead to this machine."""

WAY_BYTES = 16_384
"""What the system is asked to take from a sender before anybody has read it; it takes a few times as much."""


@dataclass
class Sender:
    """One connection, as seen by what answers on it."""

    sock: socket.socket
    host: HostileHost
    request: bytes

    def send(self, data: bytes) -> None:
        """Send, and count what has left."""
        self.sock.sendall(data)
        self.host.count(len(data))

    def answer(self, status: str, body: bytes = b"", **headers: str) -> None:
        """Send a whole answer, after which the connection is kept."""
        told = {"Content-Length": str(len(body)), **{name.replace("_", "-"): text for name, text in headers.items()}}
        lines = "".join(f"{name}: {text}\r\n" for name, text in told.items())
        self.send(f"HTTP/1.1 {status}\r\n{lines}\r\n".encode("latin-1") + body)

    def drip(self, data: bytes, every_s: float) -> None:
        """Send byte after byte, over and over."""
        while True:
            for at in range(len(data)):
                self.send(data[at : at + 1])
                time.sleep(every_s)


Answer = Callable[[Sender], None]


@dataclass
class HostileHost:
    """Answers each path as it was told to."""

    tls: ssl.SSLContext | None
    answers: dict[str, Answer] = field(default_factory=dict)
    otherwise: Answer = field(default=lambda sender: sender.answer("404 Not Found"))
    """How it answers every other path."""
    greet: Answer | None = None
    """What is done to every connection instead, before a word of TLS."""
    requests: list[bytes] = field(default_factory=list)
    sent: int = 0
    connections: int = 0
    _open: list[socket.socket] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._listener = socket.create_server((LOOPBACK, 0), backlog=64)
        # little room on the way, so that what was sent is nearly what was taken
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, WAY_BYTES)
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def count(self, sent: int) -> None:
        """Add to the bytes that have left."""
        with self._lock:
            self.sent += sent

    def close(self) -> None:
        """Answer nobody any more."""
        # a listener that is only closed goes on accepting where a thread waits in it
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.hang_up()

    def hang_up(self) -> None:
        """End every connection; new ones are taken."""
        with self._lock:
            ending, self._open = self._open, []
        for sock in ending:
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                sock, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(sock,), daemon=True).start()

    def _serve(self, sock: socket.socket) -> None:
        with self._lock:
            self.connections += 1
            self._open.append(sock)
        with suppress(OSError), sock:
            if self.greet is not None:
                self.greet(Sender(sock, self, b""))
            elif self.tls is None:
                self._answer_all(sock)
            else:
                with self.tls.wrap_socket(sock, server_side=True) as secure:
                    self._open.append(secure)
                    self._answer_all(secure)

    def _answer_all(self, sock: socket.socket) -> None:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        heard = b""
        while True:
            while b"\r\n\r\n" not in heard:
                data = sock.recv(65_536)
                if not data:
                    return
                heard += data
            request, _, heard = heard.partition(b"\r\n\r\n")
            with self._lock:
                self.requests.append(request)
            path = request.split(b" ")[1].decode()
            self.answers.get(path, self.otherwise)(Sender(sock, self, request))


class Authority:
    """Signs certificates that no other machine would take."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "authority of a test")])
        self._path = folder / "authority.pem"
        self._path.write_bytes(self._sign(self._name, self._key.public_key(), [], is_authority=True))

    def trust(self) -> ssl.SSLContext:
        """Return what takes this authority's certificates and no others."""
        return ssl.create_default_context(cafile=str(self._path))

    def certify(self, *names: str) -> ssl.SSLContext:
        """Return what serves under these names."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "host of a test")])
        path = self._folder / f"{names[0]}.pem"
        form = serialization.PrivateFormat.PKCS8
        secret = key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())
        path.write_bytes(self._sign(subject, key.public_key(), names, is_authority=False) + secret)
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(path)
        return tls

    def _sign(
        self, subject: x509.Name, key: ec.EllipticCurvePublicKey, names: Sequence[str], *, is_authority: bool
    ) -> bytes:
        now = datetime.now(UTC)
        made = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(hours=1))
            .not_valid_after(now + timedelta(hours=1))
            .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        )
        if names:
            made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName(name) for name in names]), False)
        return made.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


@dataclass
class LedAstray:
    """A network whose names say what a test likes, and whose public addresses are all one host of the test."""

    host: HostileHost
    addresses: list[Sequence[str]] = field(default_factory=lambda: [[PUBLIC]])
    """What each resolution of any name says; the last one stays."""
    resolved: list[str] = field(default_factory=list)
    dialled: list[tuple[str, int]] = field(default_factory=list)

    def make(self, tls: ssl.SSLContext) -> Network:
        """Return the network."""
        return Network(resolve=self._resolve, dial=self._dial, tls=tls)

    def _resolve(self, host: str) -> Sequence[str]:
        self.resolved.append(host)
        return self.addresses.pop(0) if len(self.addresses) > 1 else self.addresses[0]

    def _dial(self, address: tuple[str, int], within_s: float) -> socket.socket:
        self.dialled.append(address)
        sock = socket.socket()
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, WAY_BYTES)
        sock.settimeout(within_s)
        sock.connect((LOOPBACK, self.host.port))
        return sock


@contextmanager
def serving(tls: ssl.SSLContext | None) -> Iterator[HostileHost]:
    """Serve while the block runs."""
    host = HostileHost(tls)
    try:
        yield host
    finally:
        host.close()
