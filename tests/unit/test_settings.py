from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from airtide.domain.errors import MisconfiguredError
from airtide.domain.models import Platform
from airtide.domain.quota import Bucket, BucketLimit, Call
from airtide.setting_platforms import CADENCES_S
from airtide.settings import SETTINGS_FILE, Settings, load_settings


def test_the_environment_wins_over_the_file(monkeypatch):
    monkeypatch.setenv("AIRTIDE__PLATFORMS__TWITCH__CADENCE_S", "60")
    settings = load_settings()
    assert settings.platform(Platform.TWITCH).cadence_s == 60
    assert settings.platform(Platform.TWITCH).policy.raw_age == timedelta(days=1)


@pytest.mark.parametrize(
    ("variable", "value", "path"),
    [
        ("AIRTIDE__PLATFORMS__TWITCH__VIEWER_FLOOR", "-1", "platforms.twitch.viewer_floor"),
        ("AIRTIDE__PLATFORMS__TWITCH__CADENC", "60", "platforms.twitch.cadenc"),
        ("AIRTIDE__PLATFORMS__TWITCH__WATCH_LIST", '["a name"]', "platforms.twitch.watch_list"),
        ("AIRTIDE__PLATFORMS__TWITCH__LANGUAGES", '["Korean language"]', "platforms.twitch.languages"),
        ("AIRTIDE__PLATFORMS__TWITCH__CATEGORY_IDS", str(["7"] * 101).replace("'", '"'), "at most 100 items"),
        ("AIRTIDE__PLATFORMS__KICK__API_VERSION", "v3", "platforms.kick.api_version"),
        ("AIRTIDE__PLATFORMS__KICK__LANGUAGES", str(["en"] * 26).replace("'", '"'), "at most 25 items"),
        ("AIRTIDE__PLATFORMS__KICK__VIEWER_FLOOR", "5", "platforms.kick.viewer_floor"),
        ("AIRTIDE__STATE_FOLDER", "state", "absolute path"),
        ("AIRTIDE__STATE_FOLDER", "", "absolute path"),
        ("AIRTIDE__MODE", "pretend", "mode"),
        ("AIRTIDE__TRENDS__ZONES", "[]", "trends.zones"),
        ("AIRTIDE__KAFKA__SNAPSHOT_PARTITIONS", "many", "kafka.snapshot_partitions"),
    ],
    ids=[
        *("out of range", "unknown key", "no id", "no language code", "too many"),
        *("unknown version", "too many languages", "a floor where there is none"),
        *("relative path", "empty path", "unknown value", "nothing", "wrong type"),
    ],
)
def test_a_wrong_setting_is_refused_with_its_path(monkeypatch, variable, value, path):
    monkeypatch.setenv(variable, value)
    with pytest.raises(MisconfiguredError, match=path):
        load_settings()


@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        ("AIRTIDE__MODE", "pretend", "mode: Input should be 'simulated' or 'real', not 'pretend'"),
        (
            "AIRTIDE__KAFKA__SNAPSHOT_PARTITIONS",
            "many",
            "snapshot_partitions: Input should be a valid integer, unable to parse string as an integer, not 'many'",
        ),
        (
            "AIRTIDE__PLATFORMS__SOOP__CATEGORY_IDS",
            "00040019",
            """platforms.soop.category_ids: Input should be a valid tuple, written ["one", "two"], not '00040019'""",
        ),
        (
            "AIRTIDE__PLATFORMS__TWITCH__POLICY__PICTURES",
            "show",
            "platforms.twitch.policy.pictures: Input should be 'never', 'link' or 'capture', not 'show'",
        ),
        (
            "AIRTIDE__LANDING__MAX_SNAPSHOT",
            "5",
            "landing.max_snapshot: no such setting (did you mean max_snapshots?); known here: max_snapshots, ",
        ),
        ("AIRTIDE__PLATFORMS__TWICH__CADENCE_S", "60", "no such setting (did you mean twitch?); known here: youtube, "),
        (
            "AIRTIDE__PLATFORMS__YOUTUBE__VIEWER_FLOOR",
            "5",
            "youtube.viewer_floor: no such setting; viewer_floor is a key of twitch, soop, chzzk",
        ),
        ("AIRTIDE__PLATFORMS__TWITCH__SEARCH_PAGES", "2", "search_pages is a key of youtube; known here: base_url, "),
        ("AIRTIDE__PLATFORM__TWITCH", "{}", "names no setting (did you mean platforms?); AIRTIDE__… begins one of"),
    ],
)
def test_a_refusal_says_what_is_allowed_there(monkeypatch, variable, value, told):
    monkeypatch.setenv(variable, value)
    with pytest.raises(MisconfiguredError) as caught:
        load_settings()
    assert told in str(caught.value)


def test_a_key_that_must_be_there_is_named(monkeypatch, tmp_path):
    bare = tmp_path / "airtide.yaml"
    bare.write_text("platforms: {youtube: {}, twitch: {}, soop: {}}")
    monkeypatch.setitem(Settings.model_config, "yaml_file", bare)
    with pytest.raises(MisconfiguredError, match=r"platforms\.soop\.base_url: missing, and it has no default"):
        load_settings()


def test_every_wrong_setting_is_told_at_once(monkeypatch):
    monkeypatch.setenv("AIRTIDE__KAFKA__REPLICATION_FACTOR", "0")
    monkeypatch.setenv("AIRTIDE__PLATFORMS__SOOP__PAGE_CAP", "0")
    with pytest.raises(MisconfiguredError, match=r"(?s)soop\.page_cap.*\n.*kafka\.replication_factor"):
        load_settings()


@pytest.mark.parametrize("seconds", ["0", "30", "90", "420", "3600"])
@pytest.mark.parametrize("key", ["twitch.cadence_s", "youtube.cadence_s", "youtube.discover_every_s"])
def test_a_cadence_that_no_schedule_holds_is_refused_with_those_that_do(monkeypatch, key, seconds):
    monkeypatch.setenv(f"AIRTIDE__PLATFORMS__{key.replace('.', '__').upper()}", seconds)
    with pytest.raises(MisconfiguredError, match=rf"platforms\.{key}: .*60, 120, .*, 1800 seconds, not {seconds}$"):
        load_settings()


@pytest.mark.parametrize("seconds", CADENCES_S)
def test_every_cadence_brings_the_same_ticks_in_every_hour(monkeypatch, seconds):
    monkeypatch.setenv("AIRTIDE__PLATFORMS__SOOP__CADENCE_S", str(seconds))
    assert load_settings().platform(Platform.SOOP).cadence_s == seconds
    assert (seconds % 60, 3600 % seconds) == (0, 0)


@pytest.mark.parametrize(
    ("variables", "told"),
    [
        ({"TWITCH__MAX_SILENCE_S": "599"}, "platforms.twitch: max_silence_s: .* at least 600, not 599"),
        ({"SOOP__CADENCE_S": "1800", "SOOP__MAX_SILENCE_S": "3599"}, "platforms.soop: .* at least 3600, not 3599"),
        ({"YOUTUBE__MAX_SILENCE_S": "3599"}, "platforms.youtube: .* at least 3600, not 3599"),
        ({"TWITCH__MAX_SILENCE_S": "86401"}, "platforms.twitch.max_silence_s: .* less than or equal to 86400"),
    ],
)
def test_a_silence_that_two_sweeps_do_not_fit_in_is_refused(monkeypatch, variables, told):
    for name, value in variables.items():
        monkeypatch.setenv(f"AIRTIDE__PLATFORMS__{name}", value)
    with pytest.raises(MisconfiguredError, match=told):
        load_settings()


def test_a_broadcast_may_be_silent_for_as_long_as_a_gap_is_bridged(monkeypatch):
    assert load_settings().platform(Platform.YOUTUBE).max_silence_s == 3600
    monkeypatch.setenv("AIRTIDE__PLATFORMS__TWITCH__MAX_SILENCE_S", "600")
    assert load_settings().platform(Platform.TWITCH).max_silence_s == 600


@pytest.mark.parametrize("reserve", ["100", "101"])
def test_a_reserve_that_leaves_the_schedule_no_search_is_refused_with_its_path(monkeypatch, reserve):
    monkeypatch.setenv("AIRTIDE__PLATFORMS__YOUTUBE__SEARCH_RESERVE", reserve)
    told = rf"\n  platforms\.youtube\.search_reserve: .* the 100 of quotas\.youtube\.search\.limit, not {reserve}$"
    with pytest.raises(MisconfiguredError, match=told):
        load_settings()


def test_a_smaller_quota_of_searches_needs_a_smaller_reserve(monkeypatch):
    monkeypatch.setenv("AIRTIDE__QUOTAS__YOUTUBE__SEARCH__LIMIT", "10")
    with pytest.raises(MisconfiguredError, match=r"search_reserve: .* the 10 of quotas\.youtube\.search.*, not 10$"):
        load_settings()
    monkeypatch.setenv("AIRTIDE__PLATFORMS__YOUTUBE__SEARCH_RESERVE", "9")
    assert load_settings().platforms.youtube.search_reserve == 9


@pytest.mark.parametrize(
    "url",
    [
        "",
        "www.youtube.com/feeds/videos.xml",
        "ftp://x/feeds",
        "file:///etc/passwd",
        "https://",
        "https://x/f?a=1",
        "https://[x",
    ],
)
def test_feeds_are_read_over_http_from_an_address_without_a_query(monkeypatch, url):
    monkeypatch.setenv("AIRTIDE__PLATFORMS__YOUTUBE__FEED_URL", url)
    with pytest.raises(MisconfiguredError, match=r"platforms\.youtube\.feed_url: expected an address .*https://"):
        load_settings()


def test_a_site_without_a_branch_is_named():
    platforms = SimpleNamespace(**{**dict(load_settings().platforms), "kick": None})
    settings = load_settings().model_copy(update={"platforms": platforms})
    with pytest.raises(MisconfiguredError, match=r"platforms\.kick: known are youtube, twitch, soop, chzzk"):
        settings.platform(Platform.KICK)


@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        ("AIRTIDE__NOPE", "1", "AIRTIDE__NOPE names no setting"),
        ("AIRTIDE__PLATFORM__TWITCH__CADENCE_S", "60", "names no setting"),
        ("AIRTIDE__TRENDS__ZONES", "Mars", "trends"),
        ("AIRTIDE__LOCAL", "x", "local"),
        ("AIRTIDE__LOCAL__HOME", "", r"local\.home"),
        ("AIRTIDE__LOCAL__PORTS__KAFKA", "99999", r"local\.ports\.kafka"),
    ],
    ids=[
        "unknown branch",
        "misspelt branch",
        "list that is no JSON",
        "section that is no JSON",
        "no folder",
        "no port",
    ],
)
def test_a_malformed_variable_is_one_sentence(monkeypatch, variable, value, told):
    monkeypatch.setenv(variable, value)
    with pytest.raises(MisconfiguredError, match=told):
        load_settings()


def test_a_settings_file_that_is_no_yaml_is_one_sentence(monkeypatch, tmp_path):
    broken = tmp_path / "airtide.yaml"
    broken.write_text(": : [")
    monkeypatch.setitem(Settings.model_config, "yaml_file", broken)
    with pytest.raises(MisconfiguredError, match="is not YAML"):
        load_settings()


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"# S\xe9ttings of this installation", "is not YAML: 'utf-8' codec can't decode byte 0xe9"),
        (b"- platforms\n- quotas\n", "its root must be a mapping of keys to values, not a list"),
        (b"platforms", "its root must be a mapping of keys to values, not a str"),
        (b"mode: real\nkafka:\n  deadline_s: 3\nmode: simulated\n", "line 4: mode stands twice"),
        (b"quotas:\n  kick:\n    - {per: minute, per: day}\n", "line 3: per stands twice"),
    ],
    ids=["another encoding", "a list", "a word", "a key twice", "a key twice in a list"],
)
def test_a_settings_file_of_another_kind_is_one_sentence(monkeypatch, tmp_path, content, told):
    file = tmp_path / "airtide.yaml"
    file.write_bytes(content)
    monkeypatch.setitem(Settings.model_config, "yaml_file", file)
    with pytest.raises(MisconfiguredError, match=told):
        load_settings()


@pytest.mark.parametrize("key", ["raw_age", "text_age", "statistics_age", "picture_age"])
@pytest.mark.parametrize("age", ["P0D", "-P1D"])
def test_an_age_that_keeps_nothing_is_refused_with_its_path(monkeypatch, key, age):
    monkeypatch.setenv(f"AIRTIDE__PLATFORMS__TWITCH__POLICY__{key.upper()}", age)
    with pytest.raises(MisconfiguredError, match=rf"platforms\.twitch\.policy\.{key}: expected an ISO 8601 duration"):
        load_settings()


@pytest.mark.parametrize("key", ["base_url", "token_url"])
@pytest.mark.parametrize("url", ["", "not an address", "ftp://api.example", "https://api.example?a=1"])
def test_sites_are_called_over_http_at_an_address_without_a_query(monkeypatch, key, url):
    monkeypatch.setenv(f"AIRTIDE__PLATFORMS__TWITCH__{key.upper()}", url)
    with pytest.raises(MisconfiguredError, match=rf"platforms\.twitch\.{key}: expected an address .*https://"):
        load_settings()


@pytest.mark.parametrize("seconds", ["inf", "nan"])
def test_no_answer_is_waited_for_without_end(monkeypatch, seconds):
    monkeypatch.setenv("AIRTIDE__PLATFORMS__KICK__TIMEOUT_S", seconds)
    with pytest.raises(MisconfiguredError, match=r"platforms\.kick\.timeout_s: Input should be a finite number"):
        load_settings()


def test_what_tasks_share_lies_beside_airflows_own_files_unless_it_is_told_where(monkeypatch):
    monkeypatch.setenv("AIRFLOW_HOME", "/srv/airflow")
    assert load_settings().state_folder == Path("/srv/airflow/airtide-state")
    monkeypatch.setenv("AIRTIDE__STATE_FOLDER", "/srv/state")
    assert load_settings().state_folder == Path("/srv/state")


def test_outside_airflow_each_process_keeps_its_own_state(monkeypatch):
    monkeypatch.delenv("AIRFLOW_HOME", raising=False)
    assert load_settings().state_folder is None


def test_every_bucket_has_a_limit_and_the_environment_may_change_one(monkeypatch):
    monkeypatch.setenv("AIRTIDE__QUOTAS__YOUTUBE__UNITS__LIMIT", "50000")
    monkeypatch.setenv("AIRTIDE__QUOTAS", '{"youtube": {"units": {"costs": {"videos.list": 2}}}}')
    quotas = load_settings().quotas
    assert set(quotas) == set(Bucket)
    units = quotas[Bucket.YOUTUBE_UNITS].to_limit()
    assert units == BucketLimit(50_000, "day", "America/Los_Angeles", {Call.VIDEOS_LIST: 2})
    assert quotas[Bucket.TWITCH_POINTS].to_limit() == BucketLimit(800, "minute")


@pytest.mark.parametrize(
    ("key", "value", "told"),
    [
        (
            "__YOUTUBE__UNIT__LIMIT",
            "5",
            r"quotas\.youtube\.unit\.\[key\]: .*'youtube\.search', 'youtube\.units', 'twitch\.",
        ),
        ("__YOUTUBE__UNITS__LIMT", "5", r"quotas\.youtube\.units: no such setting: limt; known here: limit, per, zone"),
        ("__YOUTUBE__UNITS", "5", r"quotas: expected branches|quotas\.youtube\.units: .*not '5'"),
        ("__YOUTUBE__UNITS__LIMIT", "0", r"quotas\.youtube\.units\.limit: .*greater than or equal to 1"),
        ("__YOUTUBE__UNITS__ZONE", "Mars", r"quotas\.youtube\.units\.zone: .*'Mars'.*America/Los_Angeles or UTC"),
        ("__YOUTUBE__UNITS__ZONE", "../etc/passwd", r"quotas\.youtube\.units\.zone: "),
        ("__YOUTUBE__UNITS__PER", "hour", r"quotas\.youtube\.units\.per: .*'minute' or 'day'"),
        (
            "",
            '{"youtube": {"units": {"costs": {"video": 1}}}}',
            r"quotas\.youtube\.units\.costs\.video\.\[key\]: .*'videos\.list'",
        ),
        (
            "",
            '{"youtube": {"search": {"costs": {"videos.list": 7}}}}',
            r"quotas: .*youtube\.search\.costs: videos\.list is paid from youtube\.units; .* here: search\.list",
        ),
        (
            "",
            '{"twitch": {"points": {"costs": {"search.list": 7}}}}',
            r"quotas: .*twitch\.points\.costs: search\.list is paid from youtube\.search; .* here: none",
        ),
        (
            "",
            '{"twitch": {"points": {"zone": "Asia/Seoul"}}}',
            r"quotas\.twitch\.points: .*zone: only a bucket that is filled per `day` has one",
        ),
        (
            "",
            '{"youtube": {"units": {"costs": {"videos.list": 0}}}}',
            r"quotas\.youtube\.units\.costs\.videos\.list: .*equal to 1",
        ),
        (
            "",
            '{"youtube": {"search": {"costs": {"search.list": 101}}}}',
            r"quotas\.youtube\.search: .*101, more than the whole limit",
        ),
        ("__TWITCH__POINTS__PER", "day", r"quotas: .*twitch\.points\.per: only YouTube's buckets may be daily"),
        ("__TWITCH", "800", r"quotas: .*branches of sites that hold buckets, of youtube\.search"),
    ],
)
def test_a_wrong_quota_is_refused_with_its_path_and_what_is_allowed(monkeypatch, key, value, told):
    monkeypatch.setenv(f"AIRTIDE__QUOTAS{key}", value)
    with pytest.raises(MisconfiguredError, match=told):
        load_settings()


def test_a_bucket_without_a_limit_is_refused(monkeypatch, tmp_path):
    whole = SETTINGS_FILE.read_text(encoding="utf-8")
    file = tmp_path / "airtide.yaml"
    file.write_text(whole.replace("    points: {limit: 800, per: minute}\n", ""), encoding="utf-8")
    monkeypatch.setitem(Settings.model_config, "yaml_file", file)
    with pytest.raises(MisconfiguredError, match=r"quotas: .*every bucket needs a limit, missing: twitch\.points"):
        load_settings()


def test_more_replicas_in_step_than_there_are_is_refused(monkeypatch):
    monkeypatch.setenv("AIRTIDE__KAFKA__MIN_INSYNC_REPLICAS", "2")
    with pytest.raises(MisconfiguredError, match="kafka: min_insync_replicas: 2 are more than the 1 of replication_"):
        load_settings()
    monkeypatch.setenv("AIRTIDE__KAFKA__REPLICATION_FACTOR", "3")
    assert load_settings().kafka.min_insync_replicas == 2


def test_a_login_in_an_address_is_refused_and_not_shown(monkeypatch):
    monkeypatch.setenv("AIRTIDE__PLATFORMS__TWITCH__BASE_URL", "https://me:canary@api.example")
    with pytest.raises(MisconfiguredError, match=r"twitch\.base_url: expected an address without a login") as caught:
        load_settings()
    assert "canary" not in str(caught.value)
