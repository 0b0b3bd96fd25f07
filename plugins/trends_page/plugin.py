"""Puts Viewer Trends into Airflow's navigation.

Airflow imports this file in every component, so it imports nothing but the plugin's base class: the application is
built in the API server, at the first request for it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from threading import Lock
from typing import Any

from airflow.plugins_manager import AirflowPlugin

AsgiApp = Callable[..., Awaitable[None]]


class LazyApp:
    """An ASGI application that is built when it is first called."""

    def __init__(self) -> None:
        self._app: AsgiApp | None = None
        self._building = Lock()

    async def __call__(
        self, scope: MutableMapping[str, Any], receive: Callable[..., Any], send: Callable[..., Any]
    ) -> None:
        await self._built()(scope, receive, send)

    def _built(self) -> AsgiApp:
        with self._building:
            if self._app is None:
                from trends_page.app import create_app

                self._app = create_app()
            return self._app


class ViewerTrendsPlugin(AirflowPlugin):
    """The application under /airtide and its entry in the navigation; the page stands in a frame of Airflow's own."""

    name = "viewer_trends"
    fastapi_apps = [{"app": LazyApp(), "url_prefix": "/airtide", "name": "Viewer Trends"}]
    external_views = [
        {
            "name": "Viewer Trends",
            # relative to Airflow's own base address, whatever prefix it is served under
            "href": "airtide/",
            "destination": "nav",
            "url_route": "viewer-trends",
            "nav_top_level": True,
            "icon": "airtide/static/icon-light.svg",
            "icon_dark_mode": "airtide/static/icon-dark.svg",
        }
    ]
