"""Types of single settings: codes and ids in the form that each site writes them, refused in words.

An id is text. Where YAML reads digits as a number, the number is taken back as text, unless its leading zeros are lost.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, TypeVar
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator

_SHOWN = 40

T = TypeVar("T")


def _require_form(pattern: str, words: str) -> AfterValidator:
    """Refuse a text that does not match `pattern`, which `words` describe with an example."""
    form = re.compile(pattern)

    def check(text: str) -> str:
        if not form.fullmatch(text):
            raise ValueError(f"expected {words}, not {text[:_SHOWN]!r}")
        return text

    return AfterValidator(check)


def _write_number(value: Any) -> Any:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _refuse_number(value: Any) -> Any:
    if isinstance(value, int):
        raise ValueError(
            f"put it in quotes, not {value}: without them YAML reads a number, and zeros in front are lost"
        )
    return value


def _refuse_truth(value: Any) -> Any:
    if isinstance(value, bool):
        raise ValueError('put it in quotes: without them YAML reads `no`, the code of Norwegian, as "false"')
    return value


def _require_address(text: str) -> str:
    try:
        parts = urlsplit(text)
    except ValueError:
        parts = urlsplit("")
    if "@" in parts.netloc:
        raise ValueError("expected an address without a login: keys belong into connections, not into settings")
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise ValueError(
            f"expected an address without a query such as https://host.example/path, not {text[:_SHOWN]!r}"
        )
    return text


_CODE = BeforeValidator(_refuse_truth)
_NUMBER = BeforeValidator(_write_number)

HttpAddress = Annotated[str, AfterValidator(_require_address)]
"""An address of the web, to which a query can be added."""
TwitchLanguage = Annotated[
    str, _CODE, _require_form("[a-z]{2}|other|asl", "two small letters of ISO 639-1 such as ko, or other, or asl")
]
"""A language that Twitch's list can be narrowed to."""
LanguageTag = Annotated[
    str, _CODE, _require_form("[a-z]{2,3}(-[A-Za-z0-9]{2,8})*", "a BCP-47 tag such as ko, pt-BR or zh-Hans")
]
"""A language of Kick's list and of YouTube's searches."""
RegionCode = Annotated[str, _CODE, _require_form("[A-Z]{2}", "two capital letters of ISO 3166-1 such as KR")]
"""A country of YouTube's searches."""
CategoryNumber = Annotated[str, _NUMBER, _require_form("[1-9][0-9]{0,18}", "the digits of a category id such as 21779")]
"""A category of Twitch, Kick or YouTube."""
SoopCategoryId = Annotated[
    str, BeforeValidator(_refuse_number), _require_form("[0-9]{8}", 'the eight digits of a category such as "00040019"')
]
"""A category of SOOP."""
ChannelNumber = Annotated[str, _NUMBER, _require_form("[1-9][0-9]{0,18}", "the digits of a channel id, not its name")]
"""A channel of Twitch (`user_id`) or Kick (`broadcaster_user.id`)."""
YouTubeChannelId = Annotated[
    str, _require_form("UC[A-Za-z0-9_-]{22}", "a channel id: UC and 22 letters, digits, _ or -, not a handle")
]
"""A channel of YouTube."""
SearchQuery = Annotated[str, _CODE, _require_form(r"[^\x00-\x1f\x7f]{1,100}", "1 to 100 characters of one line")]
"""Words that YouTube is searched for."""


def _refuse_repeats(values: tuple[T, ...]) -> tuple[T, ...]:
    repeated = next((value for place, value in enumerate(values) if value in values[:place]), None)
    if repeated is not None:
        raise ValueError(f"{repeated!r} stands in it twice")
    return values


NO_REPEATS = AfterValidator(_refuse_repeats)
"""Refuses a list that names something twice."""
