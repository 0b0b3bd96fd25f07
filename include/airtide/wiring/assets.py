"""The assets that ring the bell between Dags; they carry no data, every task looks for itself what there is to do."""

from __future__ import annotations

from airflow.sdk import Asset

from airtide.domain.models import Platform
from airtide.settings import PlatformsSettings

POLLED_PLATFORMS = tuple(platform for platform in Platform if platform.value in PlatformsSettings.model_fields)
"""The sites that have a client; each has its poll and its landing Dag."""

SNAPSHOTS = {platform: Asset(f"{platform}_snapshots") for platform in POLLED_PLATFORMS}
"""A sweep's messages are in Kafka."""

LANDED = {platform: Asset(f"{platform}_landed") for platform in POLLED_PLATFORMS}
"""A batch is in the warehouse and the lake."""
