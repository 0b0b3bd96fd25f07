"""What days are computed from: a warehouse with the samples and hourly states of one, and a lake with two of them."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from tests.benchmarks.trends.crowd import DAY, Crowd
from tests.benchmarks.trends.objects import compact, write_small, write_whole
from tests.benchmarks.trends.tables import fill_broadcasts, fill_samples
from tests.services import WarehouseMaker, running_lake, running_postgres

from airtide.domain.batches import LakeObject
from airtide.domain.models import Platform
from airtide.domain.recomputed import DayObject
from airtide.lake.s3_store import S3Store
from airtide.local.home import Home
from airtide.local.parts.lake import LakePart
from airtide.warehouse.connect import PostgresAddress, Role, connect
from airtide.warehouse.policies import PlatformPolicy, write_policies
from airtide.warehouse.rollups import roll_up_hours
from airtide.warehouse.zone_days import ensure_zone_days

SINGLE, QUADRUPLE = Platform.CHZZK, Platform.SOOP
"""The platform of the day, and that of a day four times as large, which lies in the lake alone."""
NOW = DAY + timedelta(days=2)
BUCKET = "bench"

_RAW_AGE = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Running parts and what they hold; can be handed to another process."""

    address: PostgresAddress
    lake: LakePart
    small: Sequence[DayObject]
    compacted: Sequence[DayObject]
    quadruple: Sequence[DayObject]

    @contextmanager
    def open_store(self) -> Iterator[S3Store]:
        """Open the bucket."""
        with closing(self.lake.client()) as client:
            yield S3Store(client, BUCKET)


@contextmanager
def running_parts(broadcasts: int) -> Iterator[Parts]:
    """Run the parts, with the days in them."""
    with ExitStack() as stack:
        home = Home(Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="airtide-bench-"))).resolve())
        lake = stack.enter_context(running_lake(home))
        superuser = stack.enter_context(running_postgres(home))
        warehouse = stack.enter_context(WarehouseMaker(superuser).warehouse())
        single = Crowd(SINGLE, seed=1, broadcasts=broadcasts)
        quadruple = Crowd(QUADRUPLE, seed=2, broadcasts=4 * broadcasts)
        with closing(lake.client()) as client:
            client.create_bucket(Bucket=BUCKET)
            store = S3Store(client, BUCKET)
            listed = write_small(store, single)
            parts = Parts(
                address=warehouse.address,
                lake=lake,
                small=[_name(told) for told in listed],
                compacted=[_name(told) for told in compact(store, listed)],
                quadruple=[_name(write_whole(store, quadruple))],
            )
        with connect(warehouse.superuser, Role.OWNER) as connection:
            write_policies(connection, [_policy(platform) for platform in (SINGLE, QUADRUPLE)])
        with connect(warehouse.address, Role.ROLLUP) as connection:
            ensure_zone_days(connection, ["UTC"], first_day=date(2026, 1, 8), last_day=date(2026, 1, 12))
        with connect(warehouse.superuser, None) as connection:
            fill_broadcasts(connection, quadruple)
            fill_broadcasts(connection, single)
            fill_samples(connection, single)
            # or a worker of the server does it while something is measured
            connection.execute("VACUUM (FREEZE, ANALYZE) live.sample, live.broadcast, live.broadcast_detail")
        with connect(warehouse.address, Role.ROLLUP) as connection:
            roll_up_hours(connection, now=NOW)
        with connect(warehouse.superuser, None) as connection:
            connection.execute("VACUUM (FREEZE, ANALYZE) trends.broadcast_hour, trends.platform_hour")
            connection.execute("CHECKPOINT")
        yield parts


def _name(told: LakeObject) -> DayObject:
    return DayObject(object_key=told.object_key, rows=told.rows)


def _policy(platform: Platform) -> PlatformPolicy:
    return PlatformPolicy(
        platform=platform,
        raw_age=_RAW_AGE,
        text_age=_RAW_AGE,
        statistics_age=_RAW_AGE,
        picture_age=_RAW_AGE,
        pictures="link",
        in_combined_rank=True,
    )
