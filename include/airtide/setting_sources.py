"""Where settings are read from: the file and the environment, each refusing in words what it cannot read."""

from __future__ import annotations

from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

import yaml
from pydantic.fields import FieldInfo
from pydantic_settings import EnvSettingsSource, YamlConfigSettingsSource

from airtide.domain.errors import MisconfiguredError


class File(YamlConfigSettingsSource):
    """The settings file; one that holds no mapping, or a key twice, is refused in words."""

    def _read_file(self, file_path: Path | Traversable) -> dict[str, Any]:
        held = super()._read_file(file_path)
        root = yaml.compose(file_path.read_text(encoding="utf-8"), yaml.SafeLoader)
        if root is not None:
            _refuse_repeated_keys(root, file_path.name)
        if not isinstance(held, dict):
            raise MisconfiguredError(
                f"{file_path.name}: its root must be a mapping of keys to values, not a {type(held).__name__}"
            )
        return held


def _refuse_repeated_keys(node: yaml.Node, file_name: str) -> None:
    """Refuse a key that stands twice in a mapping: YAML would take the last and say nothing."""
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if key.value in seen:
                raise MisconfiguredError(f"{file_name}: line {key.start_mark.line + 1}: {key.value} stands twice")
            seen.add(key.value)
            _refuse_repeated_keys(value, file_name)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            _refuse_repeated_keys(item, file_name)


class Environment(EnvSettingsSource):
    """Variables AIRTIDE__…; what should be JSON and is not is refused like any other value, with its path."""

    def decode_complex_value(self, field_name: str, field: FieldInfo, value: Any) -> Any:
        """Return what a JSON text holds; a text that is no JSON as it is."""
        try:
            return super().decode_complex_value(field_name, field, value)
        except ValueError:
            return value
