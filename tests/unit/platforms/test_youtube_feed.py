"""Feeds: text of strangers to ids of videos."""

from __future__ import annotations

import pytest

from airtide.domain.errors import BadRecord
from airtide.platforms.youtube.feed import MAX_VIDEOS, parse_feed

HEAD = '<feed xmlns:yt="http://www.youtube.com/xml/schemas/2015" xmlns="http://www.w3.org/2005/Atom">'


def feed(*entries: str, head: str = HEAD) -> bytes:
    """Return a feed in the site's form."""
    return f'<?xml version="1.0" encoding="UTF-8"?>{head}{"".join(entries)}</feed>'.encode()


def entry(video_id: str) -> str:
    return (
        f"<entry><id>yt:video:{video_id}</id><yt:videoId>{video_id}</yt:videoId>"
        f"<yt:channelId>UCx</yt:channelId><title>Tom &amp; Jerry</title></entry>"
    )


@pytest.mark.parametrize(
    "declared",
    [
        '<!DOCTYPE feed [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>',
        '<!DOCTYPE feed [<!ENTITY secret SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE feed SYSTEM "http://evil.test/feed.dtd">',
        "<!DOCTYPE feed>",
    ],
    ids=["entities that grow", "a file", "a document elsewhere", "a bare type"],
)
def test_whatever_declares_a_document_type_is_refused(declared: str) -> None:
    body = f"{declared}{HEAD}{entry('&secret;')}</feed>".encode()
    with pytest.raises(BadRecord, match="declares a document type"):
        parse_feed(body)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "not well-formed"),
        (b"<html><body>before you continue</body></html>", "no feed"),
        (feed(entry("a"))[:-20], "not well-formed"),
        (feed(entry("&unknown;")), "not well-formed"),
        (b"\xff\xfe\x00", "not well-formed"),
        (feed(head="<feed>"), "no feed"),
    ],
)
def test_what_is_no_feed_is_refused_with_the_reason(body: bytes, said: str) -> None:
    with pytest.raises(BadRecord, match=said):
        parse_feed(body)


@pytest.mark.parametrize(
    "encoding", ["nope", "hex", "rot13", "utf-7", "utf-32", "big5", "idna", "punycode", "undefined"]
)
def test_an_encoding_that_cannot_be_read_is_refused_whatever_pythons_codecs_make_of_it(encoding: str) -> None:
    with pytest.raises(BadRecord, match="declares an encoding that cannot be read"):
        parse_feed(f'<?xml version="1.0" encoding="{encoding}"?>{HEAD}{entry("a")}</feed>'.encode())


def test_videos_are_listed_once_in_the_order_of_the_feed() -> None:
    assert parse_feed(feed(entry("b"), entry("a"), entry("b"))) == ["b", "a"]


def test_a_feed_without_entries_lists_nothing() -> None:
    assert parse_feed(feed()) == []


def test_a_feed_that_never_ends_is_cut() -> None:
    assert len(parse_feed(feed(*(entry(f"v{number}") for number in range(500))))) == MAX_VIDEOS


def test_ids_in_other_namespaces_and_places_are_not_taken() -> None:
    other = '<entry xmlns:yt="http://evil.test/"><yt:videoId>evil</yt:videoId></entry>'
    assert parse_feed(feed(other, "<title>yt:videoId</title>", entry("a"))) == ["a"]
