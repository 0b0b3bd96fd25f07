"""Hands a picture out: its bytes, which a browser may keep as long as Airtide may, or a link that soon ends."""

from __future__ import annotations

import logging

from fastapi import HTTPException, Request, Response

from airtide.domain.errors import AirtideError, MisconfiguredError, ObjectMissing
from airtide.domain.pictures import PICTURE_TYPE
from airtide.wiring.reads import Reads
from trends_page.answers import is_known
from trends_page.errors import NO_STORE, STORE_NOT_SET_UP

log = logging.getLogger(__name__)

NO_PICTURE = "There is no such picture: none of this name was captured, or its age is over."
LONGEST_S = 31_536_000
"""A year: what is kept so long by a browser is kept for ever."""


def hand_out(request: Request, reads: Reads, sha256: str) -> Response:
    """Answer with a picture, with 304 where the client has it, or with a link into the store where settings say so.

    404 for one that no broadcast may show any more, 503 when the store does not hand it out.
    """
    stored = reads.pictures.find(sha256)
    if stored is None:
        raise HTTPException(404, NO_PICTURE)
    # the name is the hash of the content: two answers of one name are the same to the last byte
    left_s = reads.pictures.count_seconds_left(stored)
    headers = {"ETag": f'"{sha256}"', "Cache-Control": f"private, max-age={min(left_s, LONGEST_S)}, immutable"}
    try:
        if reads.settings.pictures.served == "signed_link":
            link_s = reads.settings.pictures.link_s
            # kept for half as long as it works: whoever follows it then has the other half left
            max_age = min(link_s // 2, left_s)
            link = {"Location": reads.pictures.sign_link(stored), "Cache-Control": f"private, max-age={max_age}"}
            return Response(status_code=307, headers=link)
        if is_known(request, headers["ETag"]):
            return Response(status_code=304, headers=headers)
        return Response(reads.pictures.read(stored, sha256), media_type=PICTURE_TYPE, headers=headers)
    except ObjectMissing:
        log.warning("picture sha256=%s is in the warehouse and not in the store", sha256)
        raise HTTPException(404, NO_PICTURE) from None
    except AirtideError as error:
        log.warning("picture sha256=%s cannot be handed out: %s", sha256, error)
        detail = STORE_NOT_SET_UP if isinstance(error, MisconfiguredError) else NO_STORE
        raise HTTPException(503, detail, headers={"Retry-After": "30"}) from None
