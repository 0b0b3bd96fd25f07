"""Everything that a landing imports and reads from files, for the process that forks landings; nothing is opened."""

from __future__ import annotations

import boto3
import tests.chaos.processes

import airtide.bus.ranges
import airtide.lake.lake
import airtide.pipeline.land
import airtide.wiring.jobs

LOADED = (airtide.bus.ranges, airtide.lake.lake, airtide.pipeline.land, airtide.wiring.jobs, tests.chaos.processes)
"""Named, so that no tool takes the imports for forgotten ones."""

# the description of S3's API, some seconds of CPU over all landings, is read by the first client and kept
boto3.client("s3", region_name="us-east-1", aws_access_key_id="nobody", aws_secret_access_key="nothing").close()
