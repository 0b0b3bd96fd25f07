"""The branch `quotas` of the settings tree: by site and bucket how much may be spent, how often, and on what."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from airtide.domain.models import Platform
from airtide.domain.quota import Bucket, BucketLimit, Call, Per


def _check_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, OSError, ValueError):
        raise ValueError(f"no time zone is called {name!r}: write one as America/Los_Angeles or UTC") from None
    return name


class QuotaSettings(BaseModel):
    """What one bucket holds; the zone is that of the midnight which fills a daily one."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    limit: Annotated[int, Field(ge=1)]
    per: Per
    zone: Annotated[str, AfterValidator(_check_zone)] = "UTC"
    """Of a daily bucket only."""
    costs: Mapping[Call, Annotated[int, Field(ge=1)]] = {}
    """Costs of calls that are not 1."""

    @model_validator(mode="before")
    @classmethod
    def _refuse_unknown_keys(cls, values: Any) -> Any:
        unknown = set(values) - cls.model_fields.keys() if isinstance(values, Mapping) else ()
        if unknown:
            known = ", ".join(cls.model_fields)
            raise ValueError(f"no such setting: {', '.join(sorted(unknown))}; known here: {known}")
        return values

    @model_validator(mode="after")
    def _check_zone_has_effect(self) -> QuotaSettings:
        if self.per == "minute" and "zone" in self.model_fields_set:
            raise ValueError("zone: only a bucket that is filled per `day` has one, leave it out")
        return self

    @model_validator(mode="after")
    def _check_costs(self) -> QuotaSettings:
        for call, cost in self.costs.items():
            if cost > self.limit:
                raise ValueError(f"{call} costs {cost}, more than the whole limit of {self.limit}")
        return self

    def to_limit(self) -> BucketLimit:
        """Return the limit as the domain knows it."""
        return BucketLimit(self.limit, self.per, self.zone, dict(self.costs))


def _join_names(sites: Any) -> Any:
    """Turn branches of sites, which the environment can name, into one of buckets: youtube, units -> youtube.units."""
    if not isinstance(sites, Mapping) or not all(isinstance(buckets, Mapping) for buckets in sites.values()):
        raise ValueError(f"expected branches of sites that hold buckets, of {', '.join(Bucket)}")
    return {f"{site}.{name}": values for site, buckets in sites.items() for name, values in buckets.items()}


def _check_whole(quotas: Mapping[Bucket, QuotaSettings]) -> Mapping[Bucket, QuotaSettings]:
    missing = [bucket for bucket in Bucket if bucket not in quotas]
    if missing:
        raise ValueError(f"every bucket needs a limit, missing: {', '.join(missing)}")
    for bucket, quota in quotas.items():
        if quota.per == "day" and bucket.platform != Platform.YOUTUBE:
            raise ValueError(
                f"{bucket}.per: only YouTube's buckets may be daily, others are `minute`: "
                "a daily one is kept in the warehouse, without which the other sites are polled all the same"
            )
        for call in quota.costs:
            if call.bucket is not bucket:
                paid = ", ".join(one for one in Call if one.bucket is bucket) or "none"
                raise ValueError(
                    f"{bucket}.costs: {call} is paid from {call.bucket}; calls that have a cost here: {paid}"
                )
    return quotas


Quotas = Annotated[Mapping[Bucket, QuotaSettings], BeforeValidator(_join_names), AfterValidator(_check_whole)]
