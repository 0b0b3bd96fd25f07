"""Makes one sorted object of a day's many: in little memory, however many rows the day has.

Rows are first set aside in files by the leading bits of their broadcast's key, then each file is sorted by itself: one
after the other they are the whole day in order, and each becomes a row group.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from airtide.domain.batches import SNAPSHOTS, LakeObject
from airtide.domain.compaction import Compaction
from airtide.domain.keys import hash_id
from airtide.domain.models import Platform
from airtide.lake.keys import RANGES, compacted_key
from airtide.lake.parquet import SNAPSHOT_SCHEMA, SWEEP_SCHEMA, digest_file
from airtide.lake.stores import ObjectStore

ROWS_AT_ONCE = 200_000
"""Rows that lie in memory at a time, about; 200,000 take some 150 MB."""

_KEY = "broadcast_key"
_KEY_BITS = 63
_MOST_BITS = 9
"""Of files that are open at once: 512 hold a hundred million rows."""
_ORDER = {
    True: (_KEY, "sampled_at", "topic_partition", "record_offset"),
    False: ("topic_partition", "record_offset"),
}
"""Of snapshots, and of sweeps."""
_RISING = {"sampled_at": "DELTA_BINARY_PACKED", "record_offset": "DELTA_BINARY_PACKED"}
"""Columns whose differences are smaller than any dictionary of their values."""
_LEVEL = 9


class Compactor:
    """Writes compacted objects into a store; nothing lists them yet, and a second write is the same write."""

    def __init__(self, store: ObjectStore, *, rows_at_once: int = ROWS_AT_ONCE) -> None:
        self._store = store
        self._rows_at_once = rows_at_once

    def compact(self, platform: Platform, day: str, kind: str, listed: Sequence[LakeObject]) -> Sequence[Compaction]:
        """Write one object of all that are listed for a day; one for each topic id, where a topic was made anew.

        What stands alone stays as it is. Raises like `ObjectStore`.
        """
        bits = _choose_bits(listed, self._rows_at_once) if kind == SNAPSHOTS else 0
        with TemporaryDirectory(prefix="airtide-compact-") as folder, ExitStack() as stack:
            spills: dict[str, _Spill] = {}
            for source in sorted(listed, key=lambda source: source.object_key):
                with TemporaryFile() as file:
                    self._store.copy_to(source.object_key, file)
                    parquet = pq.ParquetFile(file)
                    told = read_ranges(parquet)
                    topic_id = told[0]["topic_id"]
                    if topic_id not in spills:
                        place = Path(folder) / str(len(spills))
                        spills[topic_id] = stack.enter_context(_Spill(place, platform, kind, bits, self._rows_at_once))
                    spills[topic_id].take(source, told, parquet)
            return [
                self._write(platform, day, kind, topic_id, spill)
                for topic_id, spill in spills.items()
                if len(spill.sources) > 1
            ]

    def _write(self, platform: Platform, day: str, kind: str, topic_id: str, spill: _Spill) -> Compaction:
        replaced = [source.object_key for source in spill.sources]
        key = compacted_key(platform, day=day, kind=kind, topic_id=topic_id, replaced=replaced)
        with TemporaryFile() as file:
            digest = write_groups(file, spill.read_sorted(), spill.schema, spill.told)
            self._store.put_if_absent(key, file, sha256=digest)
            size = file.seek(0, io.SEEK_END)
        compacted = LakeObject(
            object_key=key,
            kind=kind,
            platform=platform,
            day=day,
            hour=None,
            rows=sum(source.rows for source in spill.sources),
            bytes=size,
            sha256=digest,
            min_sampled_at=min(source.min_sampled_at for source in spill.sources),
            max_sampled_at=max(source.max_sampled_at for source in spill.sources),
        )
        return Compaction(compacted=compacted, replaced=replaced)


def read_ranges(parquet: pq.ParquetFile) -> list[dict[str, Any]]:
    """Return what a file says of the ranges it was written from: one entry, or those of all that it replaced."""
    told = json.loads(parquet.schema_arrow.metadata[RANGES.encode()])
    return told if isinstance(told, list) else [told]


class _Spill:
    """Rows of one topic id on disk, in files by the leading bits of their key; one file where `bits` is 0."""

    def __init__(self, folder: Path, platform: Platform, kind: str, bits: int, rows_at_once: int) -> None:
        self.schema = SNAPSHOT_SCHEMA if kind == SNAPSHOTS else SWEEP_SCHEMA
        self.sources: list[LakeObject] = []
        self.told: list[dict[str, Any]] = []
        self._is_keyed = kind == SNAPSHOTS
        self._platform = platform
        self._bits = bits
        self._rows_at_once = rows_at_once
        self._waiting: list[pa.RecordBatch] = []
        self._folder = folder
        self._folder.mkdir()
        self._files: dict[int, pa.RecordBatchStreamWriter] = {}

    def __enter__(self) -> _Spill:
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    def take(self, source: LakeObject, told: Sequence[dict[str, Any]], parquet: pq.ParquetFile) -> None:
        """Set the rows of one object aside."""
        self.sources.append(source)
        self.told += told
        for batch in parquet.iter_batches(batch_size=self._rows_at_once):
            self._waiting.append(batch)
            if sum(len(waiting) for waiting in self._waiting) >= self._rows_at_once:
                self._flush()

    def read_sorted(self) -> Iterator[pa.Table]:
        """Yield all rows in order, a file at a time."""
        self._flush()
        self._close()
        order = [(name, "ascending") for name in _ORDER[self._is_keyed]]
        for number in sorted(self._files):
            with pa.ipc.open_stream(self._path(number)) as stream:
                table = stream.read_all()
            yield table.take(pc.sort_indices(table, sort_keys=order)).select(self.schema.names)

    def _flush(self) -> None:
        if not self._waiting:
            return
        table = pa.Table.from_batches(self._waiting).select(self.schema.names).cast(self.schema)
        self._waiting = []
        if not self._is_keyed:
            self._append(0, table)
            return
        keys = _hash_ids(self._platform, table.column("broadcast_id"))
        table = table.append_column(_KEY, pa.array(keys))
        places = keys >> (_KEY_BITS - self._bits)
        for number in np.unique(places).tolist():
            self._append(number, table.filter(pa.array(places == number)))

    def _append(self, number: int, table: pa.Table) -> None:
        if number not in self._files:
            options = pa.ipc.IpcWriteOptions(compression="lz4")
            self._files[number] = pa.ipc.new_stream(self._path(number), table.schema, options=options)
        self._files[number].write_table(table.combine_chunks())

    def _path(self, number: int) -> str:
        return str(self._folder / f"{number}.arrow")

    def _close(self) -> None:
        for file in self._files.values():
            file.close()


def write_groups(file: BinaryIO, groups: Iterator[pa.Table], schema: pa.Schema, told: list[dict[str, Any]]) -> str:
    """Write each table as a row group; return the digest of all rows."""
    kept = schema.with_metadata({**(schema.metadata or {}), RANGES: json.dumps(told, sort_keys=True)})
    options: dict[str, Any] = {
        "compression": "zstd",
        "compression_level": _LEVEL,
        "use_dictionary": [name for name in schema.names if name not in _RISING],
        "column_encoding": _RISING,
    }
    with pq.ParquetWriter(file, kept, **options) as writer:
        for group in groups:
            writer.write_table(group.replace_schema_metadata(kept.metadata), row_group_size=max(1, len(group)))
    return digest_file(pq.ParquetFile(file))


def _choose_bits(listed: Sequence[LakeObject], rows_at_once: int) -> int:
    files = sum(source.rows for source in listed) // rows_at_once
    return min(files.bit_length(), _MOST_BITS)


def _hash_ids(platform: Platform, ids: pa.ChunkedArray) -> np.ndarray[Any, np.dtype[np.int64]]:
    encoded = ids.combine_chunks().dictionary_encode()
    keys = np.array([hash_id(platform, text) for text in encoded.dictionary.to_pylist()], dtype=np.int64)
    found: np.ndarray[Any, np.dtype[np.int64]] = keys[encoded.indices.to_numpy()]
    return found
