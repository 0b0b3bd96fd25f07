"""The job that captures pictures, on what settings and policies say."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from airtide.domain.models import Platform
from airtide.settings import POLLED_PLATFORMS, Settings
from airtide.wiring.adapters import LAG_DEADLINE_S, Adapters

if TYPE_CHECKING:
    from airtide.domain.lags import CaptureFigures, PartitionLag
    from airtide.pipeline.capturing import CaptureLimits, CaptureOutcome


def captured_platforms(adapters: Adapters) -> list[Platform]:
    """Return the sites that are polled and whose policy says that their pictures are captured."""
    said = [platform for platform in POLLED_PLATFORMS if adapters.settings.policy(platform).pictures == "capture"]
    return [platform for platform in said if adapters.connections.has_key(platform)]


def capture_thumbnails(
    adapters: Adapters, *, tell: Callable[[CaptureFigures], None] = lambda _figures: None
) -> dict[str, Any]:
    """Take the pictures that messages in Kafka ask for, and tell how far the group is then."""
    from airtide.pipeline.watch_capture import CaptureWatch, watch_capture
    from airtide.warehouse.capture_book import WarehouseCaptureBook

    platforms = captured_platforms(adapters)
    watch = CaptureWatch(
        measure=lambda platform: _measure_lag(platform, adapters),
        book=WarehouseCaptureBook(adapters.connections.postgres_address()),
        tell=tell,
        clock=adapters.clock,
    )
    return watch_capture(platforms, lambda: _capture(platforms, adapters), watch).to_dict()


def _capture(platforms: Sequence[Platform], adapters: Adapters) -> CaptureOutcome:
    from airtide.bus.wishes import KafkaWishFeed
    from airtide.pipeline.capture import capture_pictures
    from airtide.pipeline.capturing import Studio
    from airtide.warehouse.pictures import WarehousePictures

    kafka, deadline_s = adapters.connections.kafka_config(), adapters.settings.kafka.deadline_s
    with (
        closing(WarehousePictures(adapters.connections.postgres_address())) as book,
        closing(KafkaWishFeed(kafka, platforms, deadline_s=deadline_s)) as feed,
    ):
        studio = Studio(
            source=adapters.picture_source, codec=adapters.picture_codec, shelf=adapters.picture_shelf, book=book
        )
        return capture_pictures(feed, studio, adapters.clock, limits_of(adapters.settings))


def limits_of(settings: Settings) -> CaptureLimits:
    """Return how much a run does, as the settings say."""
    from airtide.pipeline.capturing import CaptureLimits

    own = settings.pictures
    return CaptureLimits(
        every={p: timedelta(seconds=settings.platform(p).picture_every_s) for p in POLLED_PLATFORMS},
        at_once=own.at_once,
        stale_after=timedelta(seconds=own.stale_after_s),
        placeholder_channels=own.placeholder_channels,
    )


def _measure_lag(platform: Platform, adapters: Adapters) -> Sequence[PartitionLag]:
    from airtide.bus.groups import read_capture_lag

    deadline_s = min(LAG_DEADLINE_S, adapters.settings.kafka.deadline_s)
    return read_capture_lag(adapters.connections.kafka_config(), platform, deadline_s=deadline_s)
