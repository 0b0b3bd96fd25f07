"""The search for secrets finds what is planted, wherever it looks: else finding nothing would mean nothing."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote_plus

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.canaries import Canaries, join_message, read_files, unpack

from airtide.simulators.tokens import TokenOffice

SECRETS = {
    "simulated_soop_client_id": 'a+b/c = "d"',
    "simulated_twitch_client_id": "twitch-id",
    "simulated_twitch_client_secret": "twitch-secret",
}
CANARIES = Canaries.of_installation(SECRETS)
TOKEN = TokenOffice("twitch-id", "twitch-secret").issue(1_795_176_000)


@pytest.mark.parametrize(
    "text",
    [
        'key a+b/c = "d" refused',
        "GET /broad/list?client_id=a%2Bb%2Fc%20%3D%20%22d%22&page_no=1",
        r'{"client_id": "a+b/c = \"d\""}',
        b'key a+b/c = "d" refused',
    ],
)
def test_a_secret_is_found_as_it_is_in_a_url_and_in_json(text: str | bytes) -> None:
    assert CANARIES.find(text) == {"simulated_soop_client_id"}


@pytest.mark.parametrize(
    "text", [f"Bearer {TOKEN}", f"Bearer%20{TOKEN}&", f"0123{TOKEN}4567", f'{{"token":"{TOKEN}"}}']
)
def test_every_token_that_was_issued_for_a_key_is_a_secret(text: str) -> None:
    assert CANARIES.find(text) == {"simulated_twitch_token"}


def test_what_only_looks_like_a_secret_is_none() -> None:
    other = TokenOffice("twitch-id", "another-secret").issue(1_795_176_000)
    assert CANARIES.find(f"{other} {TOKEN[:-1]} twitch-secre {quote_plus('a+b/c')}") == set()


def test_a_planted_file_is_named_and_folders_left_out_are_not_read(tmp_path: Path) -> None:
    for name in ("logs/dag_id=poll_twitch/attempt=1.log", "jars/attempt.log", "clean.log"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("fine" if name == "clean.log" else f"sent {TOKEN} as twitch-id")
    found = CANARIES.search(read_files(tmp_path, without=["jars"]))
    names = {"simulated_twitch_token", "simulated_twitch_client_id"}
    assert found == {"logs/dag_id=poll_twitch/attempt=1.log": names}


@pytest.mark.parametrize(
    "table",
    [
        pa.table({"title": ["a", "twitch-secret"], "viewers": [1, 2]}),
        pa.table({"tags": [["a", "twitch-secret"]]}),
        pa.table({"title": pa.array(["a"], pa.string())}).replace_schema_metadata({"ranges": "twitch-secret"}),
        pa.table({"raw": pa.array([b"twitch-secret"], pa.binary())}),
    ],
    ids=["column", "list", "metadata", "bytes"],
)
def test_a_planted_row_is_found_in_a_compressed_object(tmp_path: Path, table: pa.Table) -> None:
    file = tmp_path / "a.parquet"
    pq.write_table(table, file, compression="zstd")
    assert CANARIES.find(unpack(file.read_bytes())) == {"simulated_twitch_client_secret"}
    assert CANARIES.search(read_files(tmp_path)) == {"a.parquet": {"simulated_twitch_client_secret"}}


@pytest.mark.parametrize(
    "message",
    [
        (b"twitch-secret", b"{}", None),
        (None, b'{"title": "twitch-secret"}', []),
        (b"1", None, [("reject", None), ("twitch-secret", b"")]),
        (b"1", b"{}", [("reject", b"twitch-secret refused")]),
    ],
    ids=["key", "value", "header name", "header"],
)
def test_a_planted_message_is_found_in_each_of_its_parts(message: tuple) -> None:
    contents = iter([("airtide.sweeps.soop.v1", b"{}"), ("airtide.sweeps.twitch.v1", join_message(*message))])
    assert CANARIES.search(contents) == {"airtide.sweeps.twitch.v1": {"simulated_twitch_client_secret"}}
