"""How the stores and Airflow's own database are kept small."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

_HOUR = timedelta(hours=1)


class HousekeepingSettings(BaseModel):
    """What is put together or thrown away, and after how long."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    compact_after: Annotated[timedelta, Field(ge=_HOUR)] = 2 * _HOUR
    """How long a day is over before its objects become one; what lands later is added by the next run."""
    airflow_age: Annotated[timedelta, Field(ge=timedelta(days=1))] = timedelta(days=7)
    """Age after which Airflow's own runs, XComs and logs go; samples and trends are not among them."""
