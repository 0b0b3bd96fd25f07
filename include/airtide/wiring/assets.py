"""The assets that ring the bell between Dags; they carry no data, every task looks for itself what there is to do."""

from __future__ import annotations

from airflow.sdk import Asset

from airtide.settings import POLLED_PLATFORMS

SNAPSHOTS = {platform: Asset(f"{platform}_snapshots") for platform in POLLED_PLATFORMS}
"""A sweep's messages are in Kafka."""

LANDED = {platform: Asset(f"{platform}_landed") for platform in POLLED_PLATFORMS}
"""A batch is in the warehouse and the lake."""
