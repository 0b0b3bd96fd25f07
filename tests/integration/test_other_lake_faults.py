"""Faults of the stores that are not S3 amid the task's own landing: what is told, and that nothing is half done.

After every fault the store is well again, a clean landing runs, and the oracle says that everything is landed once.
"""

from __future__ import annotations

import json
import resource
from pathlib import Path

import pytest
from tests.integration.rig import Rig
from tests.proxies import Action, Once

from airtide.domain.errors import CredentialsRejected, MisconfiguredError, PartUnreachable

pytestmark = [pytest.mark.integration, pytest.mark.turn(6)]

ON_GCS = pytest.mark.parametrize("lake", ["gcs"], indirect=True)
IN_FOLDER = pytest.mark.parametrize("lake", ["folder"], indirect=True)
UPLOAD = b"POST /upload/"


def http(status: int, reason: str) -> bytes:
    said = {"code": status, "message": "told by the test", "errors": [{"reason": reason}]}
    body = json.dumps({"error": said}).encode()
    head = f"HTTP/1.1 {status} Told\r\nContent-Type: application/json\r\nConnection: close\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


PASSING = [
    http(429, "rateLimitExceeded"),
    http(403, "userRateLimitExceeded"),
    http(500, "internalError"),
    http(503, "backendError"),
    Action.CUT,
    Action.LOSE_ANSWER,
]


@ON_GCS
def test_a_fault_that_passes_is_not_even_noticed(rig):
    for told, answer in enumerate(PASSING):
        rig.lake.judge = Once(UPLOAD, answer)
        assert rig.land()["status"] == "landed"
        assert rig.lake.cuts == told + 1
        rig.parts.publish(told + 2)
    rig.assert_mended()


STAYING = [
    (http(429, "rateLimitExceeded"), PartUnreachable, "could not write snapshots/.*: 429 rateLimitExceeded"),
    (http(412, "conditionNotMet"), PartUnreachable, "answers every write of snapshots/.* with a conflict"),
    (http(401, "authError"), CredentialsRejected, r"refused the key \(authError\): mend connection airtide_lake"),
    (http(403, "forbidden"), CredentialsRejected, r"refused the key \(forbidden\): mend connection airtide_lake"),
    (http(404, "notFound"), MisconfiguredError, "set AIRTIDE__LAKE__BUCKET"),
    (http(400, "invalid"), MisconfiguredError, "refused to write snapshots/.*: 400 invalid"),
    (Action.CUT, PartUnreachable, r"could not write snapshots/.*: it does not answer \(ConnectionError\)"),
    (Action.LOSE_ANSWER, PartUnreachable, r"could not write snapshots/.*: it does not answer \(ConnectionError\)"),
]


@ON_GCS
def test_a_fault_that_stays_fails_the_task_and_lands_nothing(rig):
    for answer, error, says in STAYING:
        rig.lake.judge = Once(UPLOAD, answer, times=1000)
        with pytest.raises(error, match=says):
            rig.land()
        rig.assert_nothing_landed()
    rig.assert_mended()


@ON_GCS
def test_every_object_is_written_by_one_request(rig):
    asked: list[bytes] = []

    def note(data: bytes) -> Action:
        if data.startswith((b"PUT ", b"POST ", b"DELETE ")):
            asked.append(data.split(b" ", 2)[1].partition(b"?")[2])
        return Action.FORWARD

    rig.lake.judge = note
    rig.land()
    assert asked == [b"uploadType=multipart&ifGenerationMatch=0"] * len(asked)
    assert len(asked) == len(rig.list_objects())
    rig.assert_mended()


@IN_FOLDER
def test_a_disk_that_is_full_fails_the_task_and_leaves_nothing_half(rig, tmp_path):
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (512, limits[1]))
    try:
        with pytest.raises(PartUnreachable, match=r"no room left \(to write snapshots/.*Make room"):
            rig.land()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    rig.assert_nothing_landed()
    assert find_files(tmp_path, rig) == []
    rig.assert_mended()
    assert len(find_files(tmp_path, rig)) == len(rig.list_objects())


@IN_FOLDER
def test_a_disk_that_is_not_mounted_is_not_written_over(rig, tmp_path):
    folder = tmp_path / rig.parts.lake.bucket
    away = folder.rename(tmp_path / "away")
    with pytest.raises(MisconfiguredError, match=f"there is no folder {folder}"):
        rig.land()
    rig.assert_nothing_landed()
    assert not folder.exists()
    away.rename(folder)
    rig.assert_mended()


def find_files(folder: Path, rig: Rig) -> list[Path]:
    return [found for found in (folder / rig.parts.lake.bucket).rglob("*") if found.is_file()]
