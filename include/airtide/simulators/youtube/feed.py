"""A channel's feed: open to everybody, fifteen entries long, and for hours at a time nowhere to be found."""

from __future__ import annotations

from typing import Final
from xml.sax.saxutils import escape

from airtide.simulators.answers import Answer, Call, answer_html
from airtide.simulators.clock import format_utc
from airtide.simulators.world import Broadcast, World
from airtide.simulators.world.channels import Channel

PATH: Final = "/feeds/videos.xml"
_ENTRIES: Final = 15
_SPELL_S: Final = 2 * 3600
_SPELL_SHARE: Final = 0.15


class YouTubeFeeds:
    """Serves `/feeds/videos.xml`."""

    def __init__(self, world: World) -> None:
        """Serve the feeds of this world's channels."""
        self._world = world

    def answer(self, call: Call) -> Answer:
        """Answer what a channel published last; 404 for an unknown channel, and for every one during a bad spell."""
        channel = self._world.channel("youtube", call.params.get("channel_id", ""))
        if channel is None or self.is_down(call.now_s):
            return answer_html(404, "Error 404 (Not Found)")
        published = [
            broadcast
            for broadcast in self._world.broadcasts_of("youtube", channel, call.now_s)
            if broadcast.published_s <= call.now_s and not (broadcast.vanishes and call.now_s >= broadcast.ended_s)
        ]
        entries = "".join(self._render(broadcast, call.now_s) for broadcast in published[:_ENTRIES])
        return Answer(
            body=_frame(channel, entries).encode(),
            content_type="text/xml; charset=UTF-8",
            headers={"Cache-Control": "public, max-age=900"},
        )

    def is_down(self, at_s: int) -> bool:
        """Tell whether feeds are in a bad spell at an instant."""
        return self._world.roll("youtube", "feeds down", at_s // _SPELL_S) < _SPELL_SHARE

    def _render(self, broadcast: Broadcast, at_s: int) -> str:
        title = escape(self._world.scene("youtube", broadcast, at_s).title)
        return (
            f"<entry><id>yt:video:{broadcast.broadcast_id}</id><yt:videoId>{broadcast.broadcast_id}</yt:videoId>"
            f"<yt:channelId>{broadcast.channel.channel_id}</yt:channelId><title>{title}</title>"
            f"<published>{format_utc(broadcast.published_s)}</published></entry>"
        )


def _frame(channel: Channel, entries: str) -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<feed xmlns:yt="http://www.youtube.com/xml/schemas/2015" xmlns:media="http://search.yahoo.com/mrss/" '
        'xmlns="http://www.w3.org/2005/Atom">'
        f"<id>yt:channel:{channel.channel_id[2:]}</id><yt:channelId>{channel.channel_id[2:]}</yt:channelId>"
        f"<title>{escape(channel.name)}</title>{entries}</feed>\n"
    )
