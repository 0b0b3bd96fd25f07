"""Bodies of answers to typed values."""

from __future__ import annotations

import json
from typing import TypeVar

import msgspec

from airtide.domain.errors import ContractChanged, PartUnreachable

T = TypeVar("T")


class UnreadableAnswer(PartUnreachable):
    """The site answered with something that is not JSON, or is cut short."""


def decode_answer(asked: str, body: bytes, decoder: msgspec.json.Decoder[T]) -> T:
    """Return the typed body; `asked` names platform and request in errors, which never hold the body itself.

    Raises `UnreadableAnswer` for what is not JSON and `ContractChanged` for JSON of another shape.
    """
    try:
        try:
            return decoder.decode(body)
        except msgspec.ValidationError:
            raise
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return decoder.decode(_mend_halves(body))
    except msgspec.ValidationError as error:
        raise ContractChanged(f"{asked} answers in another shape: {error}") from None
    except (ValueError, RecursionError):
        raise UnreadableAnswer(f"{asked} answered with {len(body)} bytes that are not JSON or are cut short") from None


def _mend_halves(body: bytes) -> bytes:
    """Return the same JSON without halves of surrogate pairs: a title cut within a character must not cost the page."""
    return json.dumps(json.loads(body), ensure_ascii=False).encode(errors="replace")
