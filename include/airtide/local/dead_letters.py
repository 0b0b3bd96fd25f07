"""The commands that list, show and replay dead letters; all text in them is hostile."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from airtide.domain.errors import MisconfiguredError
from airtide.local.display import console, tell_local
from airtide.local.reach import open_adapters
from airtide.local.safe_text import tame, tame_bytes
from airtide.settings import POLLED_PLATFORMS

if TYPE_CHECKING:
    from airtide.domain.dead_letters import KeptLetter, LetterCount
    from airtide.pipeline.replay import ReplayOutcome

app = typer.Typer(help="Messages that could not be landed: look at them, mend them, send them back.")

Site = Annotated[str | None, typer.Option("--platform", help=f"Of one site: {', '.join(POLLED_PLATFORMS)}.")]
Reason = Annotated[str | None, typer.Option("--reason", help="Of one reason, as `list` shows it.")]
Place = tuple[str, int, int]


@app.command("list")
def list_letters(
    platform: Site = None,
    reason: Reason = None,
    since: Annotated[str | None, typer.Option(help="Found at this time or later, UTC: 2026-01-31T12:00.")] = None,
    limit: Annotated[int, typer.Option(min=0, max=1000, help="How many to show one by one.")] = 20,
) -> None:
    """Count dead letters by topic and reason, and show the first of them."""
    from airtide.wiring import letters

    query = letters.build_query(platform=platform, reason=reason, begin=since, with_replayed=True)
    with open_adapters() as adapters:
        counts, found = letters.list_letters(adapters, query, limit=limit)
    if not counts:
        console.print("No dead letter.")
        return
    _show_counts(counts)
    _show_rows(found)


@app.command()
def show(
    topic: Annotated[str, typer.Argument()],
    partition: Annotated[int, typer.Argument(min=0)],
    offset: Annotated[int, typer.Argument(min=0)],
    most_bytes: Annotated[int, typer.Option("--bytes", min=0, help="How many bytes of it to show.")] = 10_000,
) -> None:
    """Show one dead letter: why, when, its headers and its bytes, with whatever a terminal would obey escaped."""
    from airtide.wiring import letters

    with open_adapters() as adapters:
        kept = letters.find_letter(adapters, topic, partition, offset)
    letter, raw = kept.letter, kept.letter.raw
    typer.echo(f"place        {tame(kept.place)}")
    typer.echo(f"reason       {tame(letter.reason)}")
    typer.echo(f"detail       {tame(letter.detail)}")
    typer.echo(f"found at     {tell_local(kept.found_at)}")
    typer.echo(f"replayed at  {tell_local(kept.replayed_at) if kept.replayed_at else 'never'}")
    for name, value in letter.headers:
        typer.echo(f"header       {tame(name)}: {'' if value is None else tame_bytes(value)}")
    if raw is None:
        typer.echo("no value")
        return
    typer.echo(f"bytes        {len(raw):,}{'' if len(raw) <= most_bytes else f', the first {most_bytes:,}'}")
    typer.echo(tame_bytes(raw[:most_bytes]))


@app.command()
def replay(
    topic: Annotated[str | None, typer.Argument(help="Of one letter: its topic, partition and offset.")] = None,
    partition: Annotated[int | None, typer.Argument(min=0)] = None,
    offset: Annotated[int | None, typer.Argument(min=0)] = None,
    body: Annotated[Path | None, typer.Option(help="File with the mended bytes of the one letter.")] = None,
    platform: Site = None,
    reason: Reason = None,
    begin: Annotated[str | None, typer.Option("--from", help="From this offset or time found (UTC) on.")] = None,
    end: Annotated[str | None, typer.Option("--to", help="Before this offset or time.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="Send at most so many back.")] = 1000,
    dry_run: Annotated[bool, typer.Option(help="Only tell what would be sent.")] = True,
) -> None:
    """Send back what can be mended, to land like any other message: by a query, or one letter."""
    from airtide.wiring import letters

    place = _check_place(topic, partition, offset)
    if place is not None and any(option is not None for option in (platform, reason, begin, end)):
        raise MisconfiguredError("one letter is named by its place alone: leave the other options out")
    if place is None and body is not None:
        raise MisconfiguredError("a body belongs to one letter: name its topic, partition and offset")
    if place is not None:
        mended = None if body is None else _read_body(body)
        with open_adapters() as adapters:
            outcome = letters.replay_letter(adapters, letters.find_letter(adapters, *place), mended, dry_run=dry_run)
    else:
        query = letters.build_query(platform=platform, reason=reason, begin=begin, end=end)
        with open_adapters() as adapters:
            outcome = letters.replay_letters(adapters, query, limit=limit, dry_run=dry_run)
    _show_outcome(outcome)


def _check_place(topic: str | None, partition: int | None, offset: int | None) -> Place | None:
    if topic is None:
        return None
    if partition is None or offset is None:
        raise MisconfiguredError("one letter is named by topic, partition and offset, as `list` shows them")
    return topic, partition, offset


def _read_body(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise MisconfiguredError(f"{file} cannot be read: {error.strerror}") from None


def _show_counts(counts: Sequence[LetterCount]) -> None:
    table = Table("topic", "reason", "letters", "sent back", "first found", "last found")
    for count in counts:
        table.add_row(
            escape(tame(count.topic)),
            escape(tame(count.reason)),
            f"{count.letters:,}",
            f"{count.replayed:,}",
            tell_local(count.first_found_at),
            tell_local(count.last_found_at),
        )
    console.print(table)


def _show_rows(found: Sequence[KeptLetter]) -> None:
    for kept in found:
        letter = kept.letter
        sent = f", sent back {tell_local(kept.replayed_at)}" if kept.replayed_at else ""
        typer.echo(
            f"{tame(letter.topic)} {letter.topic_partition} {letter.record_offset}  {tame(letter.reason)}: "
            f"{tame(letter.detail)} (found {tell_local(kept.found_at)}{sent})"
        )


def _show_outcome(outcome: ReplayOutcome) -> None:
    verb = "would be sent back" if outcome.dry_run else "sent back"
    typer.echo(f"{outcome.looked_at:,} looked at, {outcome.mended:,} {verb}")
    for line in outcome.shown:
        typer.echo(f"  {tame(line)}")
    if outcome.mended > len(outcome.shown):
        typer.echo(f"  and {outcome.mended - len(outcome.shown):,} more")
    for reason, letters in sorted(outcome.refused.items(), key=lambda pair: -pair[1]):
        typer.echo(f"{letters:,} not: {tame(reason)}")
    if outcome.is_limited:
        typer.echo("The limit is reached: there may be more.")
    if outcome.dry_run and outcome.mended:
        typer.echo("Nothing was sent: --no-dry-run sends them.")
