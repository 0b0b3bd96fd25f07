from __future__ import annotations

from pathlib import Path

import pytest

from airtide.domain.errors import MisconfiguredError
from airtide.local import java


def write_tool(folder: Path, name: str, body: str) -> dict[str, str]:
    """Put a program called `name` on a path of its own and return the environment that finds it."""
    tool = folder / name
    tool.write_text(f"#!/bin/sh\n{body}\n")
    tool.chmod(0o755)
    return {"PATH": f"{folder}:/usr/bin:/bin"}


def test_a_missing_java_is_told_with_how_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(MisconfiguredError, match=r"Java 17 or newer is missing: install it .*JAVA_HOME"):
        java.find_java({"PATH": str(tmp_path)})


def test_an_old_java_is_refused_with_its_version(tmp_path: Path) -> None:
    environment = write_tool(tmp_path, "java", """echo 'openjdk version "1.8.0_392"' >&2""")
    with pytest.raises(MisconfiguredError, match="is Java 8, and 17 or newer is needed"):
        java.find_java(environment)


def test_a_java_that_does_not_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MisconfiguredError, match="is Java 0"):
        java.find_java(write_tool(tmp_path, "java", "exit 1"))


def test_java_home_wins_over_the_path(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    environment = write_tool(tmp_path / "bin", "java", """echo 'openjdk version "21.0.1"' >&2""")
    assert java.find_java({**environment, "JAVA_HOME": str(tmp_path)}) == tmp_path / "bin" / "java"


@pytest.fixture
def jars(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of jars of another checkout, still empty."""
    monkeypatch.setattr(java, "JARS", tmp_path / "jars")
    (tmp_path / "jars").mkdir()
    return java.find_jars()


def test_a_missing_maven_is_told_with_how_to_get_it(tmp_path: Path, jars: Path) -> None:
    with pytest.raises(MisconfiguredError, match="Maven is missing: install it"):
        java.fetch_jars({"PATH": str(tmp_path)})


def test_mavens_first_error_is_the_reason_and_nothing_half_fetched_stays(tmp_path: Path, jars: Path) -> None:
    script = 'for a; do case $a in -Djars=*) mkdir -p "${a#-Djars=}"; esac; done; echo "[ERROR] no network"; exit 1'
    with pytest.raises(MisconfiguredError, match=r"could not fetch the jars of pom\.xml: no network"):
        java.fetch_jars(write_tool(tmp_path, "mvn", script))
    assert list(jars.parent.iterdir()) == []


def test_jars_are_fetched_once(tmp_path: Path, jars: Path) -> None:
    script = 'for a; do case $a in -Djars=*) mkdir -p "${a#-Djars=}/kafka"; esac; done'
    assert java.fetch_jars(write_tool(tmp_path, "mvn", script)) == jars
    assert (jars / "kafka").is_dir()
    assert java.fetch_jars({"PATH": "/nowhere"}) == jars


def test_kafka_and_the_lake_never_share_a_class_path(tmp_path: Path) -> None:
    runtime = java.JavaRuntime(java=tmp_path / "java", jars=tmp_path / "jars")
    command = runtime.command(service="kafka", options=("-Xmx1m",), main="kafka.Kafka")
    assert command == (str(tmp_path / "java"), "-Xmx1m", "-cp", str(tmp_path / "jars" / "kafka" / "*"), "kafka.Kafka")
