"""The lake's side of an audit: what an object holds, held against what it is listed with."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from airtide.domain.audited import NONE, Integers, ListedObject, ObjectRows, Place, Run, SnapshotRows
from airtide.domain.batches import SNAPSHOTS, SWEEPS, kind_of_topic
from airtide.domain.errors import ObjectConflict
from airtide.domain.keys import hash_id
from airtide.domain.models import Platform
from airtide.lake.keys import RANGES
from airtide.lake.parquet import digest_rows
from airtide.lake.stores import ObjectStore

_WHOLE_UP_TO = 50_000
"""Rows of a file that is read at once: more than any batch holds."""

_PLACED = ["topic_partition", "record_offset", "sampled_at"]
_SAMPLED = [*_PLACED, "broadcast_id", "viewers", "cadence_s", "ended_at"]


class LakeAudit:
    """Reads objects of a store one at a time, and those of a whole day a column at a time."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store

    def read_object(self, platform: Platform, stored: ListedObject, *, from_at: datetime) -> ObjectRows:
        """Return where the object's rows come from, and its samples; the rows before `from_at` are left out."""
        body = self._store.get(stored.object_key)
        try:
            with pq.ParquetFile(pa.BufferReader(body)) as file:
                rows = _Rows(file)
                _check_digest(rows, stored)
                return _read_rows(platform, rows, from_at)
        except (pa.ArrowException, KeyError, ValueError) as error:
            raise ObjectConflict(
                f"it cannot be read ({type(error).__name__}); its rows are not those listed"
            ) from error


class _Rows:
    """The rows of a file; of a large one each column is read when it is asked for, and none is kept."""

    def __init__(self, file: Any) -> None:
        self.num_rows: int = file.metadata.num_rows
        self.column_names: Sequence[str] = file.schema_arrow.names
        self.metadata: Mapping[bytes, bytes] = file.schema_arrow.metadata
        self._file = file
        self._whole = file.read() if self.num_rows <= _WHOLE_UP_TO else None

    def column(self, name: str) -> Any:
        return self.select([name]).column(name)

    def select(self, names: Sequence[str]) -> Any:
        return self._file.read(columns=list(names)) if self._whole is None else self._whole.select(names)


def _check_digest(rows: _Rows, stored: ListedObject) -> None:
    if rows.num_rows != stored.rows:
        raise ObjectConflict(f"it holds {rows.num_rows} rows, and is listed with {stored.rows}")
    digest = digest_rows(rows)
    if digest != stored.sha256:
        raise ObjectConflict(f"the digest of its rows is {digest}, and it is listed with {stored.sha256}")


def _read_rows(platform: Platform, rows: _Rows, from_at: datetime) -> ObjectRows:
    kind = SNAPSHOTS if "broadcast_id" in rows.column_names else SWEEPS
    table = rows.select(_SAMPLED if kind == SNAPSHOTS else _PLACED)
    table = table.filter(pc.greater_equal(table.column("sampled_at"), pa.scalar(from_at)))
    places, place = _find_places(rows.metadata, kind, table)
    offsets = _integers(table.column("record_offset"))
    return ObjectRows(
        places=places,
        runs=[(of, run) for number, of in enumerate(places) for run in _find_runs(offsets[place == number])],
        samples=_find_samples(platform, table, place) if kind == SNAPSHOTS else None,
    )


def _find_places(metadata: Mapping[bytes, bytes], kind: str, table: pa.Table) -> tuple[list[Place], Integers]:
    """Return the places of the file's ranges, and each row's index in them.

    The ranges are those of one batch, or a list of such; each row is of the range that holds its offset. Raises
    `ObjectConflict` when one is of none.
    """
    told = json.loads(metadata[RANGES.encode()])
    numbers, offsets = (_integers(table.column(name)) for name in ("topic_partition", "record_offset"))
    runs: defaultdict[Place, list[Run]] = defaultdict(list)
    for place, run in _list_ranges(told if isinstance(told, list) else [told], kind):
        runs[place].append(run)
    index = np.full(len(offsets), NONE, dtype=np.int64)
    for number, place in enumerate(runs):
        starts, ends = np.array(sorted(runs[place]), dtype=np.int64).T
        mine = np.flatnonzero((numbers == place.topic_partition) & (index == NONE))
        range_of = np.searchsorted(starts, offsets[mine], side="right") - 1
        index[mine[(range_of >= 0) & (offsets[mine] < ends[range_of])]] = number
    if (index == NONE).any():
        raise ObjectConflict(f"{int((index == NONE).sum())} of its rows lie in none of the ranges that it names")
    return list(runs), index


def _list_ranges(told: Sequence[Mapping[str, Any]], kind: str) -> Iterator[tuple[Place, Run]]:
    for of_topic in told:
        if kind_of_topic(of_topic["topic"]) == kind:
            for part in of_topic["ranges"]:
                place = Place(of_topic["topic"], of_topic["topic_id"], part["topic_partition"])
                yield place, Run(part["start_offset"], part["end_offset"])


def _find_runs(offsets: Integers) -> list[Run]:
    """Return the runs of offsets in any order; an offset that comes twice begins a run of its own."""
    if not len(offsets):
        return []
    ordered = np.sort(offsets)
    breaks = np.flatnonzero(np.diff(ordered) != 1) + 1
    starts, lasts = ordered[np.r_[0, breaks]].tolist(), ordered[np.r_[breaks - 1, -1]].tolist()
    return [Run(start, last + 1) for start, last in zip(starts, lasts, strict=True)]


def _find_samples(platform: Platform, table: pa.Table, place: Integers) -> SnapshotRows:
    """Return the rows that are samples: those without an end."""
    is_sample = pc.is_null(table.column("ended_at"))
    kept = table.filter(is_sample)
    return SnapshotRows(
        sampled_at_ms=_integers(kept.column("sampled_at").cast(pa.timestamp("ms", tz="UTC")).cast(pa.int64())),
        broadcast_key=_hash_ids(platform, kept.column("broadcast_id")),
        viewers=_integers(kept.column("viewers")),
        cadence_s=_integers(kept.column("cadence_s")),
        record_offset=_integers(kept.column("record_offset")),
        place=place[is_sample.to_numpy(zero_copy_only=False)],
    )


def _hash_ids(platform: Platform, ids: Any) -> Integers:
    """Return the keys of ids; each distinct one is hashed once."""
    encoded = pa.chunked_array(ids.chunks, type=ids.type).combine_chunks().dictionary_encode()
    keys = np.array([hash_id(platform, text) for text in encoded.dictionary.to_pylist()], dtype=np.int64)
    return keys[encoded.indices.to_numpy(zero_copy_only=False)] if len(keys) else keys


def _integers(column: Any) -> Integers:
    filled = pc.fill_null(column.cast(pa.int64()), NONE)
    return filled.to_numpy()  # type: ignore[no-any-return]
