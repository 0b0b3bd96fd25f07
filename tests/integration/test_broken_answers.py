"""Answers that are no good HTTP: whatever a picture host says, a picture comes or a reason why not."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from tests.drawn_pictures import draw, write
from tests.hostile_host import LOOPBACK, Sender, serving

from airtide.domain.clock import SetClock
from airtide.domain.models import Platform
from airtide.domain.pictures import LastPicture, PictureRefused
from airtide.platforms.pictures.fetching import PictureHosts
from airtide.platforms.pictures.routes import PictureAccess

pytestmark = pytest.mark.integration

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
URL = "https://i.ytimg.com/a.jpg"
PICTURE = write(draw())
COUNT = 400

WHOLE = (
    b'HTTP/1.1 200 OK\r\nContent-Length: %d\r\nETag: "a"\r\n\r\n%s' % (len(PICTURE), PICTURE),
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x;a=b\r\n%s\r\n0\r\nX: y\r\n\r\n" % (len(PICTURE), PICTURE),
    b"HTTP/1.0 200 OK\r\nContent-Length: 9, 9\r\n\r\n" + PICTURE,
    b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Encoding: identity\r\n\r\n" + PICTURE,
    b"HTTP/1.1 302 Found\r\nLocation: https://i.ytimg.com/b.jpg\r\nContent-Length: 0\r\n\r\n",
    b'HTTP/1.1 304 Not Modified\r\nETag: "a"\r\n\r\n',
)
PIECES = (
    b"\r\n",
    b"\n",
    b"\0",
    b":",
    b"-1",
    b"9" * 5_000,
    b"\xff\xfe",
    b"HTTP/",
    b"ZZ\r\n",
    b"Content-Length: -5\r\n",
    b"Transfer-Encoding: gzip, chunked\r\n",
    b"Location: //[\r\n",
    b"Connection: upgrade\r\n",
)


@dataclass(frozen=True)
class Limits:
    timeout_s: float = 1.0
    max_bytes: int = 100_000
    at_once: int = 2


def break_one(dice: random.Random) -> bytes:
    """Return an answer that has something wrong near its beginning."""
    answer = bytearray(dice.choice(WHOLE))
    for _ in range(dice.randint(1, 4)):
        at = dice.randrange(min(len(answer), 150))
        answer[at : at + dice.choice((0, 0, 1, 9))] = dice.choice((*PIECES, dice.randbytes(1), b""))
    return bytes(answer[: dice.choice((None, None, None, dice.randrange(1, 900)))])


def test_nothing_but_a_picture_or_a_refusal_comes_of_a_broken_answer() -> None:
    dice = random.Random(7)
    last = LastPicture(captured_at=NOW, sha256="", picture_url=URL, etag='"a"')
    outcomes: Counter[str] = Counter()

    def answer(sender: Sender) -> None:
        sender.send(break_one(dice))
        sender.sock.close()

    with serving(None) as host:
        host.answers |= dict.fromkeys(["/pictures/i.ytimg.com/a.jpg", "/pictures/i.ytimg.com/b.jpg"], answer)
        pictures = PictureHosts(
            PictureAccess(simulated={Platform.YOUTUBE: (LOOPBACK, host.port)}), Limits(), SetClock(NOW)
        )
        for turn in range(COUNT):
            try:
                fetched = pictures.fetch(Platform.YOUTUBE, URL, last if turn % 2 else None, at=NOW)
            except PictureRefused as refused:
                outcomes[refused.refusal] += 1
            else:
                outcomes["picture" if fetched.body else "unchanged"] += 1
        pictures.close()
    assert sum(outcomes.values()) == COUNT
    assert set(outcomes) >= {"picture", "unchanged", "unreachable", "no_picture", "redirect"}
