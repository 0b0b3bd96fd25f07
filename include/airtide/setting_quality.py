"""The branch `quality` of the settings tree: between which bounds the numbers of an hour are believed."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from airtide.domain.quality import Bound, Check, Severity


class CheckSettings(BaseModel):
    """Bounds of one check; what lies outside fails. Without `least` and `most` it is only observed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    severity: Severity
    """`warn` shows a failure; `block` also keeps the days of the hour provisional until it is mended."""
    least: Annotated[float, Field(ge=0)] | None = None
    """The smallest value that passes."""
    most: Annotated[float, Field(ge=0)] | None = None
    """The largest value that passes."""

    @model_validator(mode="after")
    def _check_order(self) -> Self:
        if self.least is not None and self.most is not None and self.least > self.most:
            raise ValueError(f"least is at most most: {self.least} is more than {self.most}, so nothing could pass")
        return self

    def to_bound(self) -> Bound:
        """Return it without pydantic."""
        return Bound(severity=self.severity, least=self.least, most=self.most)


class QualitySettings(BaseModel):
    """One entry a check."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    null_values: CheckSettings
    """States that lack what they must have."""
    negative_values: CheckSettings
    """States with impossible numbers."""
    duplicates: CheckSettings
    """Samples there twice."""
    uncounted_samples: CheckSettings
    """Samples that the hour's states miss or have too many."""
    rows_against_last_week: CheckSettings
    """Samples ÷ samples of the same hour a week before."""
    unknown_share: CheckSettings
    """Share of samples without a count."""
    viewers_jump: CheckSettings
    """Viewers ÷ viewers of the hour before."""
    stuck_share: CheckSettings
    """Share of broadcasts whose count stood still."""
    silent_minutes: CheckSettings
    """Minutes without a tick."""

    @property
    def bounds(self) -> dict[Check, Bound]:
        """Return the bounds of every check."""
        return {check: getattr(self, check.value).to_bound() for check in Check}
