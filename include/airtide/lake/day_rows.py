"""The snapshots of a day, read from the objects that hold them: only the columns that its numbers are made of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from tempfile import TemporaryFile
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from airtide.domain.audited import NONE, Integers
from airtide.domain.errors import ObjectConflict
from airtide.domain.keys import NO_CATEGORY_KEY, hash_id
from airtide.domain.models import Platform
from airtide.domain.periods import Period
from airtide.domain.recomputed import DayObject, DaySnapshots
from airtide.lake.compacting import read_ranges
from airtide.lake.stores import ObjectStore

ROWS_AT_ONCE = 100_000

_IDS = ("broadcast_id", "channel_id", "category_id", "language")
_COLUMNS = ("record_offset", "sampled_at", "viewers", "cadence_s", "started_at", "ended_at", *_IDS)
_INSTANT = pa.timestamp("ms", tz="UTC")


class LakeDays:
    """Reads days of a store; one object lies on disk and some of its rows in memory at a time."""

    def __init__(self, store: ObjectStore, *, rows_at_once: int = ROWS_AT_ONCE) -> None:
        self._store = store
        self._rows_at_once = rows_at_once

    def read_snapshots(
        self, platform: Platform, objects: Sequence[DayObject], lives: Mapping[str, int], period: Period
    ) -> Iterator[DaySnapshots]:
        """Yield the snapshots in `period` of the objects, in their order.

        Raises `ObjectMissing` for one that is not there, `ObjectConflict` for one that does not hold as many rows as it
        is listed with, cannot be read, or is of a life of its topic that `lives` does not tell.
        """
        keys = _Keys(platform)
        for listed in objects:
            with TemporaryFile() as file:
                self._store.copy_to(listed.object_key, file)
                try:
                    yield from self._read(pq.ParquetFile(file), listed, lives, period, keys)
                except (pa.ArrowException, KeyError, ValueError) as error:
                    raise ObjectConflict(
                        f"{listed.object_key} cannot be read ({type(error).__name__}): its rows are not those listed"
                    ) from error

    def _read(
        self, file: pq.ParquetFile, listed: DayObject, lives: Mapping[str, int], period: Period, keys: _Keys
    ) -> Iterator[DaySnapshots]:
        if file.metadata.num_rows != listed.rows:
            raise ObjectConflict(
                f"{listed.object_key} holds {file.metadata.num_rows} rows, and is listed with {listed.rows}"
            )
        topic_id = read_ranges(file)[0]["topic_id"]
        if topic_id not in lives:
            raise ObjectConflict(f"{listed.object_key} is of a life of its topic that has never landed: {topic_id}")
        for batch in file.iter_batches(batch_size=self._rows_at_once, columns=list(_COLUMNS)):
            table = pa.Table.from_batches([batch])
            at_ms = _instants(table.column("sampled_at"))
            table = table.filter(pa.array((at_ms >= period.start_ms) & (at_ms < period.end_ms)))
            if len(table):
                yield _to_snapshots(table, lives[topic_id], keys)


class _Keys:
    """Keys of text ids; each is hashed once."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._keys: dict[str | None, int] = {None: NO_CATEGORY_KEY}

    def find(self, ids: Any) -> Integers:
        codes, texts = _encode(ids)
        for text in texts:
            if text not in self._keys:
                self._keys[text] = hash_id(self._platform, text)
        return np.array([self._keys[text] for text in texts], dtype=np.int64)[codes]


def _to_snapshots(table: pa.Table, life: int, keys: _Keys) -> DaySnapshots:
    codes, languages = _encode(table.column("language"))
    return DaySnapshots(
        life=life,
        record_offset=_integers(table.column("record_offset")),
        broadcast_key=keys.find(table.column("broadcast_id")),
        channel_key=keys.find(table.column("channel_id")),
        category_key=keys.find(table.column("category_id")),
        at_s=_instants(table.column("sampled_at")) // 1000,
        viewers=_integers(table.column("viewers")),
        cadence_s=_integers(table.column("cadence_s")),
        started_ms=_instants(table.column("started_at")),
        ended_ms=_instants(table.column("ended_at")),
        language=codes,
        languages=[text or "" for text in languages],
    )


def _encode(texts: Any) -> tuple[Integers, list[Any]]:
    """Return the index of each text in the distinct ones, and these; a missing one is one of them."""
    encoded = texts.combine_chunks().dictionary_encode(null_encoding="encode")
    return encoded.indices.to_numpy().astype(np.int64), encoded.dictionary.to_pylist()


def _instants(column: Any) -> Integers:
    return _integers(column.cast(_INSTANT).cast(pa.int64()))


def _integers(column: Any) -> Integers:
    return pc.fill_null(column.cast(pa.int64()), NONE).to_numpy()  # type: ignore[no-any-return]
