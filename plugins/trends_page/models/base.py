"""What every answer of the API is."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Answer(BaseModel):
    """Any part of an answer; filled from the rows of the read side."""

    model_config = ConfigDict(from_attributes=True, frozen=True)
