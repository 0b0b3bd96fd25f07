"""The page's files: all there, nothing inline, nothing from elsewhere, nothing beside them."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from tests.plugins.clients import build_signed_in_client

from trends_page.pages import STATIC, list_files


@pytest.fixture
def client(reads_of_nothing):
    return build_signed_in_client(reads_of_nothing)


class Referred(HTMLParser):
    """Collects what a page loads and what it would run inline."""

    def __init__(self):
        super().__init__()
        self.addresses, self.inline = [], []

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        self.addresses += [attributes[name] for name in ("src", "href") if name in attributes and tag != "a"]
        self.inline += [name for name in attributes if name.startswith("on") or name == "style"]
        if tag == "style" or (tag == "script" and "src" not in attributes):
            self.inline.append(tag)


def test_the_page_comes_without_a_warehouse(client):
    page = client.get("/")

    assert page.status_code == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "<h1>Viewer Trends</h1>" in page.text


def test_everything_the_page_refers_to_is_served_by_a_relative_address(client):
    referred = Referred()
    referred.feed(client.get("/").text)

    assert referred.inline == []
    assert len(referred.addresses) >= 5
    for address in referred.addresses:
        assert not address.startswith(("/", "http")), "an absolute address would lose the prefix that Airflow is under"
        assert client.get(f"/{address}").status_code == 200, address


def test_scripts_import_only_what_is_served():
    for path in (STATIC / "js").glob("*.js"):
        for name in re.findall(r'from "\./([^"]+)"', path.read_text(encoding="utf-8")):
            assert f"js/{name}" in list_files(), f"{path.name} imports {name}"


def test_no_script_puts_text_into_markup():
    ways_in = re.compile(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|srcdoc")
    for path in (STATIC / "js").glob("*.js"):
        assert not ways_in.search(path.read_text(encoding="utf-8")), path.name


@pytest.mark.parametrize(
    "name",
    ["../security.py", "..%2fsecurity.py", "js/../../plugin.py", "vendor/uplot/LICENSE", "", "js", "/etc/passwd"],
)
def test_nothing_beside_the_listed_files_can_be_named(client, name):
    assert client.get(f"/static/{name}").status_code == 404


def test_a_file_that_is_known_does_not_travel_again(client):
    first = client.get("/static/app.css")
    again = client.get("/static/app.css", headers={"If-None-Match": first.headers["etag"]})

    assert first.status_code == 200
    assert (again.status_code, again.content) == (304, b"")
