"""Writes the schemas of the messages beside this file: `python -m airtide.bus.schemas`."""

from __future__ import annotations

import json
import sys

from airtide.bus.schemas import FOLDER, find_breaks, generate_schemas, render


def main() -> int:
    """Write every schema; 1, and nothing is written, when a message changed in a way that asks for a new version."""
    schemas = generate_schemas()
    breaks = [
        f"{name}: {broken}"
        for name, schema in schemas.items()
        if (FOLDER / name).exists()
        for broken in find_breaks(json.loads((FOLDER / name).read_text()), schema)
    ]
    if breaks:
        sys.stderr.write("this is a new version, not a change of one:\n" + "".join(f"  {line}\n" for line in breaks))
        return 1
    for name, schema in schemas.items():
        (FOLDER / name).write_text(render(schema))
    return 0


if __name__ == "__main__":
    sys.exit(main())
