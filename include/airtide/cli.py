"""The command `airtide`: every room's commands under one name."""

from __future__ import annotations

import sys

import typer

from airtide.domain.errors import AirtideError
from airtide.local import audit, dead_letters, explain, export, losses, quality, rebuild, verify
from airtide.local import commands as local

app = typer.Typer(
    help="Airtide: viewer trends of live broadcasts.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
)
app.add_typer(local.app)
app.add_typer(losses.app)
app.add_typer(verify.app)
app.add_typer(explain.app)
app.add_typer(export.app)
app.add_typer(audit.app)
app.add_typer(dead_letters.app, name="dead-letters")
app.add_typer(rebuild.app)
app.add_typer(quality.app)


def main() -> None:
    """Run the command line; what Airtide refuses on purpose is one sentence and exit code 1."""
    try:
        app()
    except AirtideError as error:
        typer.secho(f"airtide: {error}", fg=typer.colors.RED, err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
