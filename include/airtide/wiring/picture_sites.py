"""Where the sites' own pictures are, for platforms whose policy lets a page only link to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from airtide.domain.models import Platform
from airtide.domain.pictures import PictureRefused
from airtide.platforms.pictures.hosts import PICTURE_HOSTS, judge_address
from airtide.platforms.pictures.routes import SIMULATED_PATH

if TYPE_CHECKING:
    from airtide.wiring.connections import Connections


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureSites:
    """The sites' picture hosts as a browser reaches them."""

    simulated: Mapping[Platform, str] = field(default_factory=dict)
    """Where the simulators show each simulated site's hosts; other sites' hosts are asked themselves."""

    def lead(self, platform: Platform, told: str) -> str | None:
        """Return where a browser finds a picture of a site; None for an address that is not of the site's hosts."""
        try:
            address = judge_address(platform, told)
        except PictureRefused:
            return None
        base = self.simulated.get(platform)
        return f"https://{address.host}{address.path}" if base is None else f"{base}/{address.host}{address.path}"

    def list_origins(self, platform: Platform) -> Sequence[str]:
        """Return the origins that a site's pictures come from."""
        base = self.simulated.get(platform)
        if base is None:
            return sorted(f"https://{host}" for host in PICTURE_HOSTS[platform])
        scheme, _, rest = base.partition("://")
        return [f"{scheme}://{rest.partition('/')[0]}"]


def read_picture_sites(connections: Connections, platforms: Sequence[Platform]) -> PictureSites:
    """Return the picture hosts that the sites' connections speak of."""
    simulators = connections.picture_access(platforms).simulated
    found = {platform: f"http://{host}:{port}{SIMULATED_PATH}" for platform, (host, port) in simulators.items()}
    return PictureSites(simulated=found)
