from __future__ import annotations

import copy
import json
from pathlib import Path

import pytest

from airtide.bus import schemas
from airtide.bus.schemas import FOLDER, __main__, find_breaks, generate_schemas, render

FIRST_RELEASE = Path(__file__).parent / "first_schemas"
"""The schemas as their version was first published: never written again while the version lasts."""

NAMES = sorted(generate_schemas())


def changed(change):
    schema = copy.deepcopy(generate_schemas()["snapshot.v1.json"])
    message = schema["$defs"]["SnapshotMessage"]
    change(message["properties"], message["required"], schema["$defs"])
    return find_breaks(generate_schemas()["snapshot.v1.json"], schema)


@pytest.mark.parametrize("name", NAMES)
def test_the_published_schema_is_that_of_the_code(name):
    assert (FOLDER / name).read_text() == render(generate_schemas()[name]), "run python -m airtide.bus.schemas"


@pytest.mark.parametrize("name", NAMES)
def test_a_version_has_only_grown_since_its_first_release(name):
    assert find_breaks(json.loads((FIRST_RELEASE / name).read_text()), generate_schemas()[name]) == []


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda p, _r, _d: p.pop("title"), "title is gone"),
        (lambda p, _r, _d: p["viewers"]["anyOf"].pop(), "viewers was"),
        (lambda p, _r, _d: p["cadence_s"].update(maximum=3600), "cadence_s was"),
        (lambda p, _r, _d: p["tags"]["items"].update(type="integer"), "tags was"),
        (lambda p, _r, _d: p["tags"].update(default=["x"]), "tags was"),
        (lambda _p, r, _d: r.remove("viewers"), "viewers is no longer required"),
        (lambda _p, r, _d: r.append("title"), "title is required now"),
        (lambda _p, _r, d: d["Platform"]["enum"].remove("soop"), "platform was"),
    ],
)
def test_what_asks_for_a_new_version_is_told(change, told):
    [broken] = changed(change)
    assert broken.startswith(told)


@pytest.mark.parametrize(
    "change",
    [
        lambda p, _r, _d: p.update(bitrate={"type": "integer"}),
        lambda p, _r, _d: p["sampled_at"].update(description="in other words"),
        lambda _p, _r, d: d["Platform"]["enum"].append("another"),
        lambda _p, _r, d: d["SnapshotMessage"].update(title="Renamed"),
    ],
)
def test_a_version_may_grow(change):
    assert changed(change) == []


def test_the_command_writes_every_schema(tmp_path, monkeypatch):
    monkeypatch.setattr(__main__, "FOLDER", tmp_path)
    assert __main__.main() == 0
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {
        name: render(schema) for name, schema in generate_schemas().items()
    }


def test_the_command_refuses_a_change_that_asks_for_a_new_version(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(__main__, "FOLDER", tmp_path)
    stricter = copy.deepcopy(generate_schemas()["snapshot.v1.json"])
    stricter["$defs"]["SnapshotMessage"]["required"].append("title")
    (tmp_path / "snapshot.v1.json").write_text(schemas.render(stricter))
    assert __main__.main() == 1
    assert "snapshot.v1.json: title is no longer required" in capsys.readouterr().err
    assert (tmp_path / "snapshot.v1.json").read_text() == schemas.render(stricter)
    assert not (tmp_path / "sweep.v1.json").exists()
