"""What is wrong with a setting, in words: its path, what was given, and what is allowed there."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel, ValidationError

Path = tuple[int | str, ...]

_SHOWN = 60


def describe_refusals(root: type[BaseModel], error: ValidationError) -> list[str]:
    """Return one line for each wrong key or value of the tree `root`."""
    return [_describe(root, details["loc"], details) for details in error.errors()]


def suggest(name: str, known: Iterable[str]) -> str:
    """Return a question that names the nearest of `known`, or nothing when none is near."""
    near = get_close_matches(name, list(known), n=1)
    return f" (did you mean {near[0]}?)" if near else ""


def _describe(root: type[BaseModel], path: Path, details: Any) -> str:
    shown = ".".join(str(part) for part in path)
    if details["type"] == "extra_forbidden":
        return f"{shown}: {_describe_key(root, path)}"
    said = details["msg"].removeprefix("Value error, ")
    if details["type"] == "missing":
        return f"{shown}: missing, and it has no default"
    if details["type"] == "value_error":
        # what concerns several branches stands at the root, and names its path itself
        return f"{shown}: {said}" if path else said
    if details["type"] in ("tuple_type", "list_type"):
        said += ', written ["one", "two"]'
    return f"{shown}: {said}, not {_shorten(details['input'])}"


def _describe_key(root: type[BaseModel], path: Path) -> str:
    """Say which keys are known where an unknown one stands, and who else has one of that name."""
    name = str(path[-1])
    parents = [root, *_walk(root, path[:-1])]
    section = parents[-1]
    known = list(section.model_fields)
    owners = [key for key, other in _list_sections(parents[-2]) if name in other.model_fields] if path[1:] else []
    elsewhere = f"; {name} is a key of {', '.join(owners)}" if owners else suggest(name, known)
    return f"no such setting{elsewhere}; known here: {', '.join(known)}"


def _walk(section: type[BaseModel], path: Path) -> list[type[BaseModel]]:
    sections = dict(_list_sections(section))
    if not path or path[0] not in sections:
        return []
    following = sections[str(path[0])]
    return [following, *_walk(following, path[1:])]


def _list_sections(section: type[BaseModel]) -> list[tuple[str, type[BaseModel]]]:
    """Return the branches below a section, by key."""
    kinds = ((key, field.annotation) for key, field in section.model_fields.items())
    return [(key, kind) for key, kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel)]


def _shorten(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
