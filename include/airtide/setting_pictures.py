"""The branch `pictures` of the settings tree: how pictures of broadcasts are taken and handed out."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from airtide.setting_platforms import Section


class PicturesSettings(Section):
    """How pictures are taken; whether at all is each platform's policy, how often its `picture_every_s`."""

    at_once: Annotated[int, Field(ge=1, le=64)] = 8
    """Pictures that are fetched at a time, by one run."""
    timeout_s: Annotated[float, Field(gt=0, le=60, allow_inf_nan=False)] = 5.0
    """Seconds within which a picture has come whole, or is left out."""
    max_bytes: Annotated[int, Field(ge=1_000, le=20_000_000)] = 2_097_152
    """A larger one is left out."""
    max_pixels: Annotated[int, Field(ge=1_000, le=40_000_000)] = 4_000_000
    """A picture that would be larger once it is decoded is left out."""
    stale_after_s: Annotated[int, Field(ge=60, le=86_400)] = 900
    """A message older than this gets no picture: what the host shows by now is of another time."""
    placeholder_channels: Annotated[int, Field(ge=2)] = 8
    """The same picture on so many channels is what a site shows where it has none."""
    served: Literal["api", "signed_link"] = "api"
    """Whether Airtide hands pictures out itself or by a link into the object store that soon ends."""
    link_s: Annotated[int, Field(ge=30, le=600)] = 300
    """How long such a link works."""
