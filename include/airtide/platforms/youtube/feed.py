"""A channel's feed: which videos it published last, for no unit of quota. Pure.

Feeds are text of strangers. They are read by expat without a tree, and whatever has a document type is refused:
entities can be declared nowhere else, so none can be expanded or fetched. A package for that would bring no more.
"""

from __future__ import annotations

from xml.parsers import expat

from airtide.domain.errors import BadRecord

MAX_FEED_BYTES = 1 << 20
"""Many times what fifteen entries take."""
MAX_VIDEOS = 50
_ROOT = "http://www.w3.org/2005/Atom feed"
_VIDEO_ID = "http://www.youtube.com/xml/schemas/2015 videoId"


class _FeedReading:
    """What a feed's elements tell while they pass."""

    def __init__(self) -> None:
        self.video_ids: list[str] = []
        self._has_root = False
        self._text: list[str] | None = None

    def start(self, name: str, _attributes: object) -> None:
        if not self._has_root and name != _ROOT:
            raise BadRecord("it is no feed")
        self._has_root = True
        self._text = [] if name == _VIDEO_ID else None

    def read_text(self, text: str) -> None:
        if self._text is not None:
            self._text.append(text)

    def end(self, name: str) -> None:
        if name == _VIDEO_ID and self._text is not None:
            self.video_ids.append("".join(self._text).strip())
        self._text = None

    def refuse_type(self, *_declared: object) -> None:
        raise BadRecord("it declares a document type")


def parse_feed(body: bytes) -> list[str]:
    """Return the ids of the videos that a feed lists, unchecked; raises `BadRecord` that says what is wrong with it."""
    reading = _FeedReading()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartDoctypeDeclHandler = reading.refuse_type
    parser.StartElementHandler = reading.start
    parser.CharacterDataHandler = reading.read_text
    parser.EndElementHandler = reading.end
    try:
        parser.Parse(body, True)
    except expat.ExpatError as error:
        raise BadRecord(f"it is not well-formed: {expat.ErrorString(error.code)} in line {error.lineno}") from None
    except (LookupError, ValueError):
        # what Python's codecs say of a declared encoding that is unknown, no text, or of several bytes a character
        raise BadRecord("it declares an encoding that cannot be read") from None
    return list(dict.fromkeys(reading.video_ids))[:MAX_VIDEOS]
