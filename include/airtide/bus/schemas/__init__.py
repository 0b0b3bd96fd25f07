"""The messages' JSON Schemas, made from the structs, and the rule that a version only ever grows.

`python -m airtide.bus.schemas` writes them; it refuses what would break a reader or a message of the same version.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from airtide.bus.messages import VERSION, SnapshotMessage, SweepMessage

FOLDER = Path(__file__).parent
DIALECT = "https://json-schema.org/draft/2020-12/schema"

_MESSAGES = {"snapshot": SnapshotMessage, "sweep": SweepMessage}

Schema = Mapping[str, Any]


def generate_schemas() -> dict[str, dict[str, Any]]:
    """Return the schema of every message by file name."""
    return {
        f"{name}.v{VERSION}.json": json.loads(msgspec.json.encode({"$schema": DIALECT} | msgspec.json.schema(message)))
        for name, message in _MESSAGES.items()
    }


def render(schema: Schema) -> str:
    """Return the text of a schema's file."""
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def find_breaks(earlier: Schema, later: Schema) -> list[str]:
    """Return what of `later` breaks messages or readers of `earlier`: a version may gain only optional properties.

    New values of an enumeration are a gain; every other change of a property's type or limits is a break.
    """
    old, new = _resolve(earlier, earlier), _resolve(later, later)
    old_required, new_required = set(old["required"]), set(new["required"])
    return [
        *_find_changed(old["properties"], new["properties"]),
        *(f"{name} is required now" for name in sorted(new_required - old_required)),
        *(f"{name} is no longer required" for name in sorted(old_required - new_required)),
    ]


def _find_changed(old: Schema, new: Schema) -> Iterator[str]:
    for name, was in old.items():
        if name not in new:
            yield f"{name} is gone"
        elif not _allows_all(was, new[name]):
            yield f"{name} was {json.dumps(was)}, is {json.dumps(new[name])}"


def _allows_all(old: Schema, new: Schema) -> bool:
    if "enum" in old and "enum" in new:
        return set(old["enum"]) <= set(new["enum"])
    return old == new


def _resolve(node: Any, root: Schema) -> Any:
    """Return the schema with references replaced by what they name, without its notes to human readers."""
    if isinstance(node, list):
        return [_resolve(item, root) for item in node]
    if not isinstance(node, Mapping):
        return node
    if "$ref" in node:
        return _resolve(root["$defs"][node["$ref"].rsplit("/", 1)[-1]], root)
    return {key: _resolve(value, root) for key, value in node.items() if not _is_note(key, value)}


def _is_note(key: str, value: Any) -> bool:
    return key in ("title", "description") and isinstance(value, str)
