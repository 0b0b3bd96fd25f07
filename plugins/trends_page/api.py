"""The JSON API under /airtide/api/v1: one route a question, GET only, typed answers with an ETag."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Path, Query, Request, Response

from airtide.domain.models import Platform
from airtide.domain.pictures import PICTURE_TYPE
from airtide.wiring.reads import ChannelList, Reads, SpanKind
from trends_page import layout, models
from trends_page.answers import answer, answer_json
from trends_page.parameters import (
    MOST_ROWS,
    ListParameters,
    LiveParameters,
    RankingParameters,
    SearchParameters,
    SeriesParameters,
    Text,
    ZoneParameters,
)
from trends_page.pictures import hand_out
from trends_page.ranking_csv import name_csv, write_ranking_csv

router = APIRouter(prefix="/api/v1")

REFUSALS: dict[int | str, dict[str, Any]] = {
    401: {"description": "Nobody is logged in"},
    503: {"description": "The warehouse cannot be read"},
}
NOT_FOUND: dict[int | str, dict[str, Any]] = {**REFUSALS, 404: {"description": "There is no such thing"}}


def get_reads(request: Request) -> Reads:
    """Return the read side that the application was built with."""
    reads: Reads = request.app.state.load_reads()
    return reads


ReadsDep = Annotated[Reads, Depends(get_reads)]


@router.get("/live", response_model=models.Live, responses=REFUSALS)
def get_live(request: Request, reads: ReadsDep, asked: Annotated[LiveParameters, Query()]) -> Response:
    """What is live: the broadcasts of each platform's latest landed tick, most viewers first, hidden counts last."""
    page = reads.read_live(asked.platform, limit=asked.limit, offset=asked.offset)
    return answer_json(request, layout.lay_out_live(reads, page, asked, _find_root(request)))


@router.get("/days", response_model=models.Days, responses=REFUSALS)
def get_days(request: Request, reads: ReadsDep, asked: Annotated[ZoneParameters, Query()]) -> Response:
    """The days of a zone that have been rolled up, newest first."""
    zone = _choose_zone(reads, asked.zone)
    days = [models.TrendDay.model_validate(day) for day in reads.read_days(zone)]
    return answer_json(request, models.Days(data=reads.read_kind(), zone=zone, days=days))


@router.get(
    "/rankings/channels",
    response_model=models.Ranking,
    responses={**NOT_FOUND, 200: {"content": {"text/csv": {"schema": {"type": "string"}}}}},
)
def get_channel_ranking(request: Request, reads: ReadsDep, asked: Annotated[RankingParameters, Query()]) -> Response:
    """Channels of one day of a zone in the order of one metric, with the rank change against the day before.

    All of them, those of one language, or those of one category of a platform. With `period` not of the day but of the
    week or month that holds it, against as many days just before; categories are ranked by the day only.
    `format=csv` gives the same as a file and may be longer than a page of JSON.
    """
    if asked.format == "json" and asked.limit > MOST_ROWS:
        raise HTTPException(400, f"limit: at most {MOST_ROWS} channels fit a page; use offset, or format=csv.")
    of = _choose_list(asked)
    zone = _choose_zone(reads, asked.zone)
    day = _choose_day(reads, zone, asked.day)
    ranking = layout.lay_out_ranking(reads, zone, day, of, asked, _find_root(request))
    if asked.format == "json":
        return answer_json(request, ranking)
    return answer(
        request,
        write_ranking_csv(ranking).encode(),
        "text/csv; charset=utf-8",
        {"Content-Disposition": f'attachment; filename="{name_csv(ranking)}"'},
    )


@router.get("/rankings/lists", response_model=models.RankedLists, responses=NOT_FOUND)
def get_ranked_lists(request: Request, reads: ReadsDep, asked: Annotated[ListParameters, Query()]) -> Response:
    """The languages and categories that channels of one day can be ranked within, the most watched first."""
    zone = _choose_zone(reads, asked.zone)
    day = _choose_day(reads, zone, asked.day)
    lists = reads.read_ranked_lists(zone, day.day, asked.platform)
    return answer_json(request, layout.lay_out_lists(lists, zone, day, asked.platform, reads.read_kind()))


@router.get("/channels", response_model=models.FoundChannels, responses=REFUSALS)
def find_channels(request: Request, reads: ReadsDep, asked: Annotated[SearchParameters, Query()]) -> Response:
    """Channels whose name or handle holds `q` in any case, or whose id is `q`; the closest first."""
    found = reads.find_channels(asked.q, asked.platform, limit=asked.limit)
    return answer_json(request, layout.lay_out_found(reads, found, asked.q, _find_root(request)))


@router.get("/channels/{platform}/{channel_id}", response_model=models.Channel, responses=NOT_FOUND)
def get_channel(
    request: Request,
    reads: ReadsDep,
    platform: Platform,
    channel_id: Annotated[Text, Path()],
    asked: Annotated[ZoneParameters, Query()],
) -> Response:
    """One channel: its latest days and broadcasts, and its viewers over the last 24 hours with their holes."""
    zone = _choose_zone(reads, asked.zone)
    portrait, buckets = reads.read_channel(platform, channel_id, zone)
    if portrait is None:
        raise HTTPException(404, f"No channel of {platform} with this id was ever seen here.")
    return answer_json(request, layout.lay_out_channel(reads, portrait, buckets, zone, _find_root(request)))


@router.get(
    "/broadcasts/{platform}/{broadcast_id}/pictures", response_model=models.BroadcastPictures, responses=NOT_FOUND
)
def get_strip(request: Request, reads: ReadsDep, platform: Platform, broadcast_id: Annotated[Text, Path()]) -> Response:
    """The pictures that were captured of one broadcast, oldest first; of very many the newest 120."""
    pictures = reads.pictures.read_strip(platform, broadcast_id)
    if pictures is None:
        raise HTTPException(404, f"No broadcast of {platform} with this id was ever seen here.")
    return answer_json(request, layout.lay_out_strip(reads, pictures, platform, broadcast_id, _find_root(request)))


@router.get(
    "/thumbnails/{sha256}",
    responses={
        **NOT_FOUND,
        200: {"content": {PICTURE_TYPE: {"schema": {"type": "string", "format": "binary"}}}},
        307: {"description": "A link into the object store that soon ends"},
    },
    response_class=Response,
)
def get_thumbnail(
    request: Request, reads: ReadsDep, sha256: Annotated[str, Path(pattern="^[0-9a-f]{64}$")]
) -> Response:
    """One picture by the SHA-256 of its bytes, as long as some broadcast may show it."""
    return hand_out(request, reads, sha256)


@router.get("/platforms/series", response_model=models.Series, responses=REFUSALS)
def get_series(request: Request, reads: ReadsDep, asked: Annotated[SeriesParameters, Query()]) -> Response:
    """Viewers of every platform over the last hours, in even buckets; a bucket without a sample is null."""
    series, buckets = reads.read_series(asked.hours)
    platforms = [models.PlatformSeries.model_validate(one) for one in series]
    return answer_json(
        request,
        models.Series(data=reads.read_kind(), buckets=models.Buckets.model_validate(buckets), platforms=platforms),
    )


@router.get("/collection", response_model=models.Collection, responses=REFUSALS)
def get_collection(request: Request, reads: ReadsDep) -> Response:
    """How collection stands: last sweeps, ticks of 24 hours, known lag, dead letters, losses, waiting roll-ups."""
    return answer_json(request, layout.lay_out_collection(reads, reads.read_collection()))


@router.get("/quality", response_model=models.Quality, responses=REFUSALS)
def get_quality(request: Request, reads: ReadsDep) -> Response:
    """How the checks judged the hours of 24 hours: what passed, and each failure with what was observed."""
    return answer_json(request, layout.lay_out_quality(reads.read_quality(), reads.read_kind()))


@router.get("/definitions", response_model=models.Definitions, responses=REFUSALS)
def get_definitions(request: Request, reads: ReadsDep) -> Response:
    """What the numbers mean, and the settings they are computed under."""
    return answer_json(request, layout.lay_out_definitions(reads))


@router.get("/openapi.json", include_in_schema=False)
def get_schema(request: Request) -> dict[str, Any]:
    """The OpenAPI document of this API."""
    schema: dict[str, Any] = request.app.openapi()
    return schema


def _find_root(request: Request) -> str:
    """Return the path that this application is served under."""
    return str(request.scope.get("root_path", ""))


def _choose_list(asked: RankingParameters) -> ChannelList:
    if asked.category_id is not None and asked.period is not SpanKind.DAY:
        raise HTTPException(422, "period: channels of a category are ranked by the day.")
    try:
        return ChannelList(platform=asked.platform, language=asked.language, category_id=asked.category_id)
    except ValueError as error:
        raise HTTPException(422, f"category_id: {error}.") from None


def _choose_zone(reads: Reads, zone: str | None) -> str:
    if zone is None:
        return reads.zones[0]
    if zone not in reads.zones:
        raise HTTPException(422, f"zone: days are rolled up in {', '.join(reads.zones)} only.")
    return zone


def _choose_day(reads: Reads, zone: str, day: date | None) -> models.TrendDay:
    days = [models.TrendDay.model_validate(known) for known in reads.read_days(zone, day)]
    if not days:
        missing = f"No ranking of {day} in zone {zone}" if day else f"No ranking in zone {zone} yet"
        raise HTTPException(404, f"{missing}: roll_up_days has made none.")
    return next((known for known in days if not known.is_open), days[0])
