"""The bytes of a binary COPY."""

from __future__ import annotations

from airtide.warehouse.copying import encode_rows, instants, integers, repeated

HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
NULL = b"\xff\xff\xff\xff"


def field(value: bytes) -> bytes:
    return len(value).to_bytes(4, "big") + value


def test_no_rows_are_a_header_and_an_end():
    assert encode_rows([integers([], bytes_each=8), repeated("x", 0)]) == HEADER + b"\xff\xff"


def test_each_row_tells_its_fields_and_their_lengths():
    encoded = encode_rows(
        [repeated("soop", 2), integers([1, -2], bytes_each=8), integers([7, 2**31 - 1], bytes_each=4)]
    )
    assert encoded == (
        HEADER
        + b"\0\3" + field(b"soop") + field(bytes(7) + b"\1") + field(b"\0\0\0\7")
        + b"\0\3" + field(b"soop") + field(b"\xff" * 7 + b"\xfe") + field(b"\x7f\xff\xff\xff")
        + b"\xff\xff"
    )  # fmt: skip


def test_a_missing_value_is_a_length_without_bytes():
    encoded = encode_rows([integers([None, 5, None], bytes_each=4), integers([1, 2, None], bytes_each=4)])
    assert encoded == (
        HEADER
        + b"\0\2" + NULL + field(b"\0\0\0\1")
        + b"\0\2" + field(b"\0\0\0\5") + field(b"\0\0\0\2")
        + b"\0\2" + NULL + NULL
        + b"\xff\xff"
    )  # fmt: skip


def test_instants_count_microseconds_from_the_year_2000():
    encoded = encode_rows([instants([946_684_800_000, 946_684_800_001, 946_684_799_999, None])])
    assert encoded == (
        HEADER
        + b"\0\1" + field(bytes(8))
        + b"\0\1" + field((1000).to_bytes(8, "big"))
        + b"\0\1" + field((-1000).to_bytes(8, "big", signed=True))
        + b"\0\1" + NULL
        + b"\xff\xff"
    )  # fmt: skip
