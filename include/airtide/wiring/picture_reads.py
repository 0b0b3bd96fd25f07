"""The read side of pictures: what stands beside broadcasts and channels, and the pictures themselves."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property, partial
from hashlib import sha256 as hash_content
from io import BytesIO
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from airtide.domain.clock import Clock
from airtide.domain.errors import MisconfiguredError, ObjectConflict, PartUnreachable
from airtide.domain.keys import hash_id
from airtide.domain.models import Platform
from airtide.settings import Settings
from airtide.warehouse.queries import pictures
from airtide.warehouse.queries.pictures import KeptPicture, PictureBeside, StoredPicture
from airtide.warehouse.queries.reader import WarehouseReader
from airtide.wiring.picture_sites import PictureSites

if TYPE_CHECKING:
    from airtide.lake.stores import ObjectStore

Name = tuple[str, str]
"""Platform and id of a broadcast or channel."""
Period = tuple[datetime, datetime]

_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
_SOON = timedelta(days=1)
"""How far the clocks of a capturing run and of the page may be apart."""
_REST = timedelta(seconds=10)
"""How long a store that did not answer is left alone: a page of pictures would hold a thread for each of them."""


def refuse_store() -> ObjectStore:
    """Stand for a read side that was opened without a store."""
    raise MisconfiguredError("pictures cannot be handed out: this read side was opened without an object store")


@dataclass
class PictureReads:
    """Pictures out of the warehouse and the object store; raises what either of them raises."""

    warehouse: WarehouseReader
    settings: Settings
    clock: Clock
    sites: PictureSites = field(default_factory=PictureSites)
    open_store: Callable[[], ObjectStore] = refuse_store
    _rests_until: datetime = field(default=_LONG_AGO, init=False)

    @cached_property
    def store(self) -> ObjectStore:
        """Where the pictures lie; opened when the first one is asked for."""
        return self.open_store()

    def beside_broadcasts(self, names: Sequence[Name]) -> Mapping[Name, PictureBeside]:
        """Read the newest picture of each broadcast that has one."""
        keys = {hash_id(*name): name for name in names}
        read = partial(pictures.read_broadcast_pictures, keys=[*keys], now=self.clock.now())
        return self._lead({keys[shown.of_key]: shown for shown in self.warehouse.read(read)})

    def beside_channels(self, names: Sequence[Name], period: Period | None = None) -> Mapping[Name, PictureBeside]:
        """Read the newest picture within a period, or of all time, of each channel that has one."""
        now = self.clock.now()
        from_at, to_at = period or (_LONG_AGO, now + _SOON)
        keys = {hash_id(*name): name for name in names}
        read = partial(pictures.read_channel_pictures, keys=[*keys], from_at=from_at, to_at=to_at, now=now)
        return self._lead({keys[shown.of_key]: shown for shown in self.warehouse.read(read)})

    def read_strip(self, platform: Platform, broadcast_id: str) -> Sequence[KeptPicture] | None:
        """Read the pictures of one broadcast, oldest first; None when it was never seen."""
        now = self.clock.now()
        read = partial(pictures.read_strip, platform=platform, broadcast_id=broadcast_id, now=now)
        return self.warehouse.read(read)

    def find(self, sha256: str) -> StoredPicture | None:
        """Find a picture by its content, as long as some broadcast may show it."""
        return self.warehouse.read(partial(pictures.find_picture, sha256=sha256, now=self.clock.now()))

    def count_seconds_left(self, stored: StoredPicture) -> int:
        """Return for how long a picture may be kept from now on, here and elsewhere."""
        return max(0, int((stored.kept_until - self.clock.now()).total_seconds()))

    def read(self, stored: StoredPicture, sha256: str) -> bytes:
        """Return a picture; raises `ObjectMissing`, and `ObjectConflict` for an object that holds something else.

        A store that does not answer is not asked again for some seconds: `PartUnreachable` is raised at once then.
        """
        if self.clock.now() < self._rests_until:
            raise PartUnreachable("the object store did not answer a moment ago, and is left alone")
        file = _Bounded(stored.bytes, stored.object_key)
        try:
            self.store.copy_to(stored.object_key, file)
        except PartUnreachable:
            self._rests_until = self.clock.now() + _REST
            raise
        body = file.getvalue()
        if hash_content(body).hexdigest() != sha256:
            raise ObjectConflict(f"the object {stored.object_key} does not hold the picture that it is named after")
        return body

    def sign_link(self, stored: StoredPicture) -> str:
        """Return a link into the store that ends soon; it is a secret for as long as it works."""
        return self.store.signed_link(stored.object_key, seconds=self.settings.pictures.link_s)

    def list_image_origins(self, platforms: Sequence[Platform]) -> Sequence[str]:
        """Return the origins besides its own that a page takes pictures from."""
        linking = [platform for platform in platforms if self.settings.policy(platform).pictures == "link"]
        origins = {origin for platform in linking for origin in self.sites.list_origins(platform)}
        if self.settings.pictures.served == "signed_link":
            link = urlsplit(self.store.signed_link("thumbnails/v1/any", seconds=self.settings.pictures.link_s))
            origins.add(f"{link.scheme}://{link.netloc}")
        return sorted(origins)

    def _lead(self, found: Mapping[Name, PictureBeside]) -> Mapping[Name, PictureBeside]:
        """Turn links into addresses that a browser may follow, and leave out those it may not."""
        led = {
            name: shown if shown.link is None else replace(shown, link=self.sites.lead(Platform(name[0]), shown.link))
            for name, shown in found.items()
        }
        return {name: shown for name, shown in led.items() if shown.kept or shown.link}


class _Bounded(BytesIO):
    """A file that takes no more than it should."""

    def __init__(self, size: int, object_key: str) -> None:
        super().__init__()
        self._size = size
        self._object_key = object_key

    def write(self, part: Any) -> int:
        """Write a part; raises `ObjectConflict` where there is more than the ledger says."""
        if self.tell() + len(part) > self._size:
            raise ObjectConflict(
                f"the object {self._object_key} is larger than the {self._size} bytes that were written"
            )
        return super().write(part)
