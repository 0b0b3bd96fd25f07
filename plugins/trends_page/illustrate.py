"""What the API tells of pictures: where this server hands one out, or where the site itself shows it."""

from __future__ import annotations

from airtide.wiring.reads import KeptPicture, PictureBeside
from trends_page.models import Picture, PictureLink

Beside = Picture | PictureLink | None
"""What is shown beside a broadcast or channel."""


def show_beside(shown: PictureBeside | None, root: str) -> Beside:
    """Return what is told of what is shown beside something; `root` is where the application is served."""
    if shown is None:
        return None
    if shown.kept is not None:
        return show_picture(shown.kept, root)
    return None if shown.link is None else PictureLink(link=shown.link)


def show_picture(kept: KeptPicture, root: str) -> Picture:
    """Return what is told of a kept picture, with the path under which it is handed out."""
    return Picture(
        sha256=kept.sha256,
        captured_at=kept.captured_at,
        width=kept.width,
        height=kept.height,
        url=f"{root}/api/v1/thumbnails/{kept.sha256}",
    )
