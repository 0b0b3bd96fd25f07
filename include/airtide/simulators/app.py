"""The web application: every site below its own prefix, plus pictures, truth, faults, calls and health."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

import msgspec
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from airtide.simulators.answers import Answer, Call, Handler, Refusal, Site, answer_json
from airtide.simulators.calls import CallBook
from airtide.simulators.chzzk import ChzzkSimulator
from airtide.simulators.clock import SCOPE_KEY, Clock, ClockMiddleware, format_utc, read_wall_clock
from airtide.simulators.credentials import Credentials
from airtide.simulators.delivery import send_badly
from airtide.simulators.faults import FaultBook
from airtide.simulators.kick import KickSimulator
from airtide.simulators.pictures.hosts import PictureHosts
from airtide.simulators.soop import SoopSimulator
from airtide.simulators.truth import answer_truth
from airtide.simulators.twitch import TwitchSimulator
from airtide.simulators.world import World
from airtide.simulators.world.world import DEFAULT_CHANNELS
from airtide.simulators.youtube import build_youtube

_Endpoint: TypeAlias = Callable[[Request], Awaitable[Response]]

_FORM: Final = "application/x-www-form-urlencoded"
_LOOPBACK: Final = ("127.0.0.1", "::1")


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatorConfig:
    """Which world to show, and to whom."""

    credentials: Credentials
    seed: int = 7
    channels: int = DEFAULT_CHANNELS
    """Per platform."""
    clock: Clock = read_wall_clock


def build_app(config: SimulatorConfig) -> Starlette:
    """Build the application; it holds no sockets and starts no threads."""
    world = World(config.seed, config.channels)
    faults = FaultBook()
    calls = CallBook()
    keys = config.credentials
    sites = (
        build_youtube(world, keys.youtube.api_key),
        TwitchSimulator(world, keys.twitch.client_id, keys.twitch.client_secret).build_site(),
        SoopSimulator(world, keys.soop.client_id).build_site(),
        ChzzkSimulator(world, keys.chzzk.client_id, keys.chzzk.client_secret).build_site(),
        KickSimulator(world, keys.kick.client_id, keys.kick.client_secret).build_site(),
        PictureHosts(world).build_site(),
    )
    routes = [
        Route(f"/{site.name}{path}", _serve(site, path, handler, faults, calls), methods=[method])
        for site in sites
        for (method, path), handler in site.routes.items()
    ]
    routes += [
        Route("/truth", _serve_truth(world), methods=["GET", "POST"]),
        Route("/faults", _serve_faults(faults, sites), methods=["GET", "POST", "DELETE"]),
        Route("/calls", _serve_calls(calls)),
        Route("/healthz", _serve_health(config)),
    ]
    return Starlette(routes=routes, middleware=[Middleware(ClockMiddleware, clock=config.clock)])


def _serve(site: Site, path: str, handler: Handler, faults: FaultBook, calls: CallBook) -> _Endpoint:
    path = path.partition("/{")[0]  # of a picture its host alone

    async def endpoint(request: Request) -> Response:
        call = await _read_call(request, site)
        calls.count(site, path, call)
        fault = faults.take(site, path, call)
        if fault is None:
            return _respond(faults.remember(site, path, handle(call)))
        if fault.delay_s is not None:
            await asyncio.sleep(fault.delay_s)
        answer = fault.apply(site, call, handle, faults.recall(site, path))
        return send_badly(answer, fault) or _respond(answer)

    def handle(call: Call) -> Answer:
        try:
            return handler(call)
        except Refusal as refusal:
            return refusal.answer

    return endpoint


def _serve_truth(world: World) -> _Endpoint:
    async def endpoint(request: Request) -> Response:
        query = dict(request.query_params)
        if request.method == "POST":
            try:
                query = msgspec.json.decode(await request.body())
            except msgspec.DecodeError as error:
                return _respond(answer_json({"error": str(error)}, status=400))
        # a month of truth takes seconds, in which the sites go on answering
        return _respond(await run_in_threadpool(answer_truth, world, query))

    return endpoint


def _serve_faults(faults: FaultBook, sites: tuple[Site, ...]) -> _Endpoint:
    names = [site.name for site in sites]

    async def endpoint(request: Request) -> Response:
        if _is_stranger(request):
            return _respond(answer_json({"error": "faults are for callers on this machine"}, status=403))
        if request.method == "DELETE":
            faults.clear(request.query_params.get("site"))
        elif request.method == "POST":
            try:
                fault = faults.add(await request.body(), names)
            except msgspec.DecodeError as error:
                return _respond(answer_json({"error": str(error)}, status=400))
            return _respond(answer_json(fault, status=201))
        return _respond(answer_json({"faults": faults.list_waiting()}))

    return endpoint


def _serve_calls(calls: CallBook) -> _Endpoint:
    async def endpoint(request: Request) -> Response:
        if _is_stranger(request):
            return _respond(answer_json({"error": "calls are told to callers on this machine"}, status=403))
        return _respond(answer_json({"calls": calls.list_counts(request.query_params.get("site"))}))

    return endpoint


def _serve_health(config: SimulatorConfig) -> _Endpoint:
    async def endpoint(request: Request) -> Response:
        now = format_utc(request.scope[SCOPE_KEY] // 1000)
        return _respond(answer_json({"status": "ok", "seed": config.seed, "channels": config.channels, "now": now}))

    return endpoint


def _is_stranger(request: Request) -> bool:
    return request.client is None or request.client.host not in _LOOPBACK


async def _read_call(request: Request, site: Site) -> Call:
    form: dict[str, str] = {}
    if request.headers.get("Content-Type", "").startswith(_FORM):
        async with request.form() as fields:
            form = {name: value for name, value in fields.items() if isinstance(value, str)}
    return Call(
        params=request.query_params,
        headers=request.headers,
        form=form,
        now_ms=request.scope[SCOPE_KEY],
        path=request.url.path.removeprefix(f"/{site.name}"),
    )


def _respond(answer: Answer) -> Response:
    headers = {"Content-Type": answer.content_type, **answer.headers}
    return Response(answer.body, status_code=answer.status, headers=headers)
