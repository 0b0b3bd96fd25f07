"""Every route asks Airflow who is there, and tells nothing before it knows."""

from __future__ import annotations

import pytest
from fastapi.routing import APIRoute
from starlette.routing import Mount
from tests.plugins.clients import build_client, build_signed_in_client

from trends_page.app import create_app
from trends_page.security import require_login

SAMPLE = {"platform": "twitch", "channel_id": "ch0", "broadcast_id": "b0", "sha256": "0" * 64, "name": "app.css"}


def refuse_reading():
    raise AssertionError("a stranger got as far as the warehouse")


@pytest.fixture
def app():
    return create_app(refuse_reading)


def list_paths(app):
    return [route.path.replace("{name:path}", "{name}").format(**SAMPLE) for route in app.routes]


def test_no_route_answers_a_stranger(app):
    client = build_client(app)

    answers = {path: client.get(path).status_code for path in list_paths(app)}

    assert len(answers) >= 11
    assert set(answers.values()) == {401}, answers


@pytest.fixture
def sign(monkeypatch):
    """Return a function that signs a login of a role with Airflow's own auth manager."""
    from airflow.api_fastapi.app import create_auth_manager
    from airflow.api_fastapi.auth.managers.simple.user import SimpleAuthManagerUser
    from airflow.models.revoked_token import RevokedToken

    monkeypatch.setenv(
        "AIRFLOW__API_AUTH__JWT_SECRET", "a-secret-of-at-least-sixty-four-bytes-for-tests-and-nothing-else-at-all"
    )
    # the list of revoked logins is a table of Airflow's database, which is not what is tested here
    monkeypatch.setattr(RevokedToken, "is_revoked", lambda _jti: False)
    manager = create_auth_manager()
    return lambda role: manager.generate_jwt(SimpleAuthManagerUser(username="somebody", role=role))


def test_airflow_itself_lets_a_viewer_in_by_header_and_by_cookie(reads_of_nothing, sign):
    # the page says where else pictures may come from, which the read side knows without asking the warehouse
    app = create_app(lambda: reads_of_nothing)
    token = sign("viewer")

    by_header = build_client(app).get("/", headers={"Authorization": f"Bearer {token}"})
    by_cookie = build_client(app).get("/", headers={"Cookie": f"_token={token}"})

    assert (by_header.status_code, by_cookie.status_code) == (200, 200)


def test_a_user_without_a_role_may_not_look(app, sign):
    refused = build_client(app).get("/", headers={"Authorization": f"Bearer {sign(None)}"})

    assert refused.status_code == 403


def test_a_login_that_airflow_did_not_sign_is_refused(app, sign):
    forged = sign("admin")[:-4] + "AAAA"

    refused = build_client(app).get("/api/v1/live", headers={"Authorization": f"Bearer {forged}"})

    assert refused.status_code == 403


def test_every_route_is_a_plain_route_that_carries_the_login(app):
    # a mounted application, as for static files, would inherit nothing from this one
    for route in app.routes:
        assert not isinstance(route, Mount)
        assert isinstance(route, APIRoute), route.path
        assert require_login in [dependency.call for dependency in route.dependant.dependencies], route.path


def test_no_route_changes_anything(app):
    assert {method for route in app.routes for method in route.methods} == {"GET"}


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_other_methods_are_refused_even_with_a_login(reads_of_nothing, method):
    client = build_signed_in_client(reads_of_nothing)

    assert getattr(client, method)("/api/v1/live").status_code == 405


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/openapi.json", "/static", "/api/v1", "/../security.py"])
def test_nothing_else_is_served(reads_of_nothing, path):
    client = build_signed_in_client(reads_of_nothing)

    assert client.get(path).status_code == 404


def test_refusals_carry_the_guarding_headers_too(app):
    refused = build_client(app).get("/")

    assert "frame-ancestors 'self'" in refused.headers["content-security-policy"]
    assert refused.headers["x-content-type-options"] == "nosniff"
    assert refused.headers["cache-control"] == "private, no-cache"


def test_the_page_may_load_nothing_from_elsewhere_and_run_nothing_inline(reads_of_nothing):
    policy = build_signed_in_client(reads_of_nothing).get("/").headers["content-security-policy"]

    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
