"""Answers that are sent badly: in drips, without end, far too long, or broken off."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Final

from starlette.responses import Response, StreamingResponse

from airtide.simulators.answers import Answer
from airtide.simulators.faults import Fault

_BLANKS: Final = b" " * 65_536


class ConnectionBrokenOff(Exception):
    """Ends a response in its middle, which makes the server close the connection."""


def send_badly(answer: Answer, fault: Fault) -> Response | None:
    """Give the response that sends an answer as a fault demands; None for a fault that lets it be sent well."""
    headers = {"Content-Type": answer.content_type, **answer.headers}
    if fault.drip_s is not None:
        return StreamingResponse(_drip(answer.body, fault.drip_s), answer.status, headers)
    if fault.endless:
        return StreamingResponse(_pour(answer.body), answer.status, headers)
    if fault.huge:
        headers["Content-Length"] = str(max(fault.huge, len(answer.body)))
        return StreamingResponse(_stretch(answer.body, fault.huge), answer.status, headers)
    if fault.reset:
        headers["Content-Length"] = str(len(answer.body))
        return StreamingResponse(_break_off(answer.body), answer.status, headers)
    return None


async def _drip(body: bytes, pause_s: float) -> AsyncIterator[bytes]:
    for place in range(len(body)):
        await asyncio.sleep(pause_s)
        yield body[place : place + 1]


async def _pour(body: bytes) -> AsyncIterator[bytes]:
    yield body
    while True:
        # the server looks only while others wait whether the caller has gone
        await asyncio.sleep(0)
        yield _BLANKS


async def _stretch(body: bytes, size: int) -> AsyncIterator[bytes]:
    yield body
    for place in range(len(body), size, len(_BLANKS)):
        await asyncio.sleep(0)
        yield _BLANKS[: size - place]


async def _break_off(body: bytes) -> AsyncIterator[bytes]:
    yield body[: len(body) // 2]
    # what was sent must have left before the connection goes
    await asyncio.sleep(0.05)
    raise ConnectionBrokenOff
