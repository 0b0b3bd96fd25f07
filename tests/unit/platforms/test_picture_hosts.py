"""Which addresses may be asked for a picture at all."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.platforms.parser_cases import CASES
from urllib3.util import parse_url

from airtide.domain.models import Platform
from airtide.domain.pictures import PictureRefusal, PictureRefused
from airtide.platforms.pictures.hosts import MAX_LENGTH, PICTURE_HOSTS, judge_address

HOST = "images.kick.com"
BEGINNINGS = ("", "https://", f"https://{HOST}", f"https://{HOST}/", f"https://{HOST}/a/", f"HTTPS://{HOST}:443/")


def refuse(url: str, platform: Platform = Platform.KICK) -> str:
    with pytest.raises(PictureRefused) as refused:
        judge_address(platform, url)
    assert refused.value.refusal is PictureRefusal.ADDRESS
    return str(refused.value)


@pytest.mark.parametrize(
    "url",
    [
        "",
        f"http://{HOST}/a.webp",
        f"ftp://{HOST}/a.webp",
        f"//{HOST}/a.webp",
        f"https:{HOST}/a.webp",
        f"https:/{HOST}/a.webp",
        f"https:///{HOST}/a.webp",
        f"https:\\\\{HOST}\\a.webp",
        f"https://{HOST}",
        f"https://{HOST}?a",
        f"https://{HOST}:80/a.webp",
        f"https://{HOST}:0443/a.webp",
        f"https://{HOST}:/a.webp",
        f"https://user@{HOST}/a.webp",
        f"https://user:canary@{HOST}/a.webp",
        f"https://{HOST}@evil.example/a.webp",
        f"https://evil.example\\@{HOST}/a.webp",
        f"https://{HOST}#@evil.example/a.webp",
        f"https://{HOST}/a.webp#part",
        f"https://{HOST}/a b.webp",
        f"https://{HOST}/a\r\nHost: evil.example",
        f"https://{HOST}/a\x00",
        f"https://{HOST}/a\t",
        f"https://{HOST}/a\x7f",
        f" https://{HOST}/a",
        f"https://{HOST}/a\n",
        f"https://{HOST}/\u202egnp",
        f"https://{HOST}/a%zz",
        f"https://{HOST}/a%4",
        f"https://{HOST}/{{width}}.webp",
        f"https://{HOST}/../a",
        f"https://{HOST}/b/..",
        f"https://{HOST}/./a",
        f"https://{HOST}/%2e%2E/a",
        f"https://{HOST}/.%2e/a",
        f"https://{HOST}/{'a' * MAX_LENGTH}",
        f"https://{HOST.replace('k', chr(0x212A))}/a",
        f"https://{HOST.replace('.', chr(0x3002))}/a",
        "https://[::1]/a",
        "https://[::ffff:10.0.0.1]/a",
    ],
)
def test_what_is_no_plain_https_address_is_refused_and_not_repeated(url):
    assert refuse(url) == f"kick: no plain https address ({len(url)} characters)"


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        f"{HOST}.evil.example",
        f"evil{HOST}",
        f"evil.{HOST}",
        f"{HOST}.",
        f".{HOST}",
        "kick.com",
        "127.0.0.1",
        "2130706433",
        "0x7f.1",
        "localhost",
        "169.254.169.254",
    ],
)
def test_a_host_that_is_not_the_sites_is_refused_by_its_name(host):
    assert refuse(f"https://{host}/a?token=canary") == f"kick: {host} is no host of its pictures (known: {HOST})"


@pytest.mark.parametrize("platform", Platform)
def test_a_site_gets_no_pictures_of_another(platform):
    for other in set(Platform) - {platform}:
        for host in PICTURE_HOSTS[other]:
            assert host in refuse(f"https://{host}/a.jpg", platform)


def test_a_name_is_the_same_in_capitals_and_with_its_usual_port():
    address = judge_address(Platform.KICK, f"https://{HOST.upper()}:443/A/%c3%a4.webp?b=/c?d")
    assert (address.host, address.path, address.query) == (HOST, "/A/%c3%a4.webp", "?b=/c?d")
    assert address.url == f"https://{HOST}/A/%c3%a4.webp?b=/c?d"
    assert address.name == f"https://{HOST}/A/%c3%a4.webp"


def test_a_long_address_is_called_by_its_beginning():
    assert len(judge_address(Platform.KICK, f"https://{HOST}/{'a' * 1_000}?q").name) == 200


@pytest.mark.parametrize("platform", Platform)
def test_what_the_parsers_make_of_a_sites_own_record_may_be_asked(platform):
    told = {case["expect"]["thumbnail_url"] for site, name, case in CASES if site is platform and name == "full"}
    [url] = told
    assert judge_address(platform, url).url == url


def test_every_platform_has_hosts_of_its_own_in_lower_case():
    hosts = [host for platform in Platform for host in PICTURE_HOSTS[platform]]
    assert len(hosts) == len(set(hosts)) >= len(Platform)
    assert [host for host in hosts if host != host.lower() or host.endswith(".")] == []


@given(st.sampled_from(BEGINNINGS), st.text(max_size=40) | st.text("./@:%\\?#[]a2e", max_size=12))
def test_whatever_is_let_through_leads_to_a_host_of_the_site(beginning, rest):
    url = beginning + rest
    try:
        address = judge_address(Platform.KICK, url)
    except PictureRefused:
        return
    parts = urlsplit(url)
    assert (address.host, parts.scheme, parts.hostname, parts.port) == (HOST, "https", HOST, parts.port and 443)
    assert (parts.username, parts.password, parts.fragment) == (None, None, "")
    assert (address.path, address.query.removeprefix("?")) == (parts.path, parts.query)
    simulated = f"/pictures/{HOST}{address.path}"
    # the driver takes out dots that climb, and writes what is quoted in capitals
    assert (parse_url(f"http://simulators{simulated}").path or "").upper() == simulated.upper()
