"""Finds Java and Maven, and has Maven fetch the jars of Kafka and the S3 server once."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from airtide.domain.errors import MisconfiguredError
from airtide.local.home import CHECKOUT

OLDEST_JAVA = 17
POM = CHECKOUT / "pom.xml"
JARS = CHECKOUT / ".airtide" / "jars"
"""Shared by every state folder of this checkout; one folder for each content of pom.xml."""

JAVA_HELP = "install it (on Debian: apt-get install openjdk-17-jre-headless) or point JAVA_HOME at it"


@dataclass(frozen=True, slots=True, kw_only=True)
class JavaRuntime:
    """A Java and the jars that run on it."""

    java: Path
    jars: Path

    def command(self, *, service: str, options: tuple[str, ...], main: str) -> tuple[str, ...]:
        """Return the command that runs class `main` on the jars of `service`, and of no other."""
        return (str(self.java), *options, "-cp", str(self.jars / service / "*"), main)


def find_java(environment: Mapping[str, str] = os.environ) -> Path:
    """Return Java's program; raises `MisconfiguredError` when it is missing or older than 17."""
    home = environment.get("JAVA_HOME")
    found = shutil.which("java", path=f"{home}/bin" if home else environment.get("PATH"))
    if found is None:
        raise MisconfiguredError(f"Java {OLDEST_JAVA} or newer is missing: {JAVA_HELP}")
    version = read_java_version(Path(found))
    if version < OLDEST_JAVA:
        raise MisconfiguredError(f"{found} is Java {version}, and {OLDEST_JAVA} or newer is needed: {JAVA_HELP}")
    return Path(found)


def read_java_version(java: Path) -> int:
    """Return the major version that `java` tells; 0 when it does not run."""
    try:
        answer = subprocess.run(  # noqa: S603 - the machine's own Java
            [str(java), "-version"], capture_output=True, text=True, timeout=30, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return 0
    told = re.search(r'version "(?:1\.)?(\d+)', answer.stderr)
    return int(told.group(1)) if told else 0


def find_jars() -> Path:
    """Return the folder where the jars named by pom.xml lie, or will lie once they are fetched."""
    return JARS / hashlib.blake2b(POM.read_bytes(), digest_size=6).hexdigest()


def find_maven(environment: Mapping[str, str] = os.environ) -> str:
    """Return Maven's program; raises `MisconfiguredError` when it is missing."""
    maven = shutil.which("mvn", path=environment.get("PATH"))
    if maven is None:
        raise MisconfiguredError("Maven is missing: install it (on Debian: apt-get install maven); it is needed once")
    return maven


def fetch_jars(environment: Mapping[str, str] = os.environ) -> Path:
    """Return the jars' folder, filled by Maven when it is not there yet; afterwards no network is needed.

    Raises `MisconfiguredError` when Maven is missing or fails.
    """
    jars = find_jars()
    if jars.exists():
        return jars
    maven = find_maven(environment)
    fresh = jars.with_name(f"{jars.name}.{os.getpid()}.new")
    fetched = subprocess.run(  # noqa: S603 - the machine's own Maven
        [maven, "-q", "-B", "-C", "-f", str(POM), "generate-resources", f"-Djars={fresh}"],
        env=dict(environment),
        capture_output=True,
        text=True,
        check=False,
    )
    if fetched.returncode != 0:
        shutil.rmtree(fresh, ignore_errors=True)
        raise MisconfiguredError(f"Maven could not fetch the jars of pom.xml: {first_error(fetched.stdout)}")
    if jars.exists():  # another start was faster
        shutil.rmtree(fresh)
    else:
        fresh.rename(jars)
    return jars


def first_error(output: str) -> str:
    """Return the first line of Maven's output that tells an error."""
    lines = [line for line in output.splitlines() if line.startswith("[ERROR]")]
    return lines[0].removeprefix("[ERROR]").strip() if lines else "it told no reason"
