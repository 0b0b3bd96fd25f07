"""Faults of PostgreSQL and S3 amid the task's own landing: what is told, and that nothing is half done.

After every fault the parts are well again, a clean landing runs, and the oracle says that everything is landed once.
"""

from __future__ import annotations

import pytest
from tests.integration.rig import Rig, at
from tests.lakes import LAKES
from tests.proxies import Action, Once

from airtide.domain.errors import CredentialsRejected, MisconfiguredError, PartUnreachable
from airtide.lake.lake import SnapshotLake
from airtide.warehouse import ledger as ledger_module

pytestmark = [pytest.mark.integration, pytest.mark.turn(6)]

EVERY_LAKE = pytest.mark.parametrize("lake", LAKES, indirect=True)
PUT = b"PUT /"


@EVERY_LAKE
def test_a_server_lost_in_the_middle_of_the_copy_leaves_nothing(rig):
    with (
        at(SnapshotLake, "write_snapshots", lambda: setattr(rig.postgres, "judge", Once(b"PGCOPY", Action.CUT))),
        pytest.raises(PartUnreachable, match="airtide_postgres"),
    ):
        rig.land()
    rig.assert_nothing_landed()
    rig.assert_mended()


def test_a_server_restarted_between_copy_and_commit_leaves_nothing(own_rig):
    rig, server = own_rig
    with at(ledger_module, "land_sweeps", server.restart, after=False), pytest.raises(PartUnreachable):
        rig.land()
    rig.assert_nothing_landed()
    rig.assert_mended()


@pytest.mark.parametrize("when", ["in the copy", "at the commit"])
def test_a_full_disk_leaves_nothing_and_is_named(rig, when):
    fill_disk(rig, when)
    with pytest.raises(PartUnreachable, match=r"has no room left: .*No space left on device"):
        rig.land()
    rig.assert_nothing_landed()
    rig.execute("DROP FUNCTION ingest.fill CASCADE")
    rig.assert_mended()


def fill_disk(rig: Rig, when: str) -> None:
    """Have the server itself answer as it does on a full disk."""
    timing = "BEFORE INSERT ON live.sample" if when == "in the copy" else "AFTER INSERT ON ingest.lake_object"
    kind, deferral = ("", "") if when == "in the copy" else ("CONSTRAINT", "DEFERRABLE INITIALLY DEFERRED")
    rig.execute(
        "CREATE FUNCTION ingest.fill() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION "
        "'could not extend file: No space left on device' USING ERRCODE = 'disk_full'; END $$",
        f"CREATE {kind} TRIGGER fill {timing} {deferral} FOR EACH ROW EXECUTE FUNCTION ingest.fill()",
    )


def http(status: int, reason: str, code: str) -> bytes:
    body = f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>told by the test</Message></Error>".encode()
    head = f"HTTP/1.1 {status} {reason}\r\nContent-Type: application/xml\r\nConnection: close\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


PASSING = {
    "429": http(429, "Too Many Requests", "SlowDown"),
    "500": http(500, "Internal Server Error", "InternalError"),
    "503": http(503, "Slow Down", "SlowDown"),
    "409": http(409, "Conflict", "ConditionalRequestConflict"),
    "reset": Action.CUT,
    "written but not answered": Action.LOSE_ANSWER,
}


def test_a_fault_that_passes_is_not_even_noticed(rig):
    for told, answer in enumerate(PASSING.values()):
        rig.lake.judge = Once(PUT, answer)
        assert rig.land()["status"] == "landed"
        assert rig.lake.cuts == told + 1
        rig.parts.publish(told + 2)
    rig.assert_mended()


STAYING = [
    (PASSING["429"], PartUnreachable, "could not write snapshots/.* 429 SlowDown"),
    (PASSING["500"], PartUnreachable, "could not write snapshots/.* 500 InternalError"),
    (PASSING["409"], PartUnreachable, "answers every write of snapshots/.* with a conflict"),
    (http(412, "Precondition Failed", "PreconditionFailed"), PartUnreachable, "answers every write .* with a conflict"),
    (http(507, "Insufficient Storage", "InsufficientStorage"), PartUnreachable, "could not write snapshots/.* 507"),
    (http(403, "Forbidden", "AccessDenied"), CredentialsRejected, "mend connection airtide_lake"),
    (http(404, "Not Found", "NoSuchBucket"), MisconfiguredError, "set AIRTIDE__LAKE__BUCKET"),
    (Action.CUT, PartUnreachable, r"does not answer \(to write snapshots/"),
    (Action.LOSE_ANSWER, PartUnreachable, r"does not answer \(to write snapshots/"),
]


def test_a_fault_that_stays_fails_the_task_and_lands_nothing(rig):
    for answer, error, says in STAYING:
        rig.lake.judge = Once(PUT, answer, times=1000)
        with pytest.raises(error, match=says):
            rig.land()
        rig.assert_nothing_landed()
    rig.assert_mended()


def test_every_object_is_written_by_one_request(rig):
    asked: list[bytes] = []

    def note(data: bytes) -> Action:
        if data.startswith((b"PUT ", b"POST ", b"DELETE ")):
            asked.append(data.split(b" ", 2)[1].split(b"/", 2)[2])
        return Action.FORWARD

    rig.lake.judge = note
    rig.land()
    assert sorted(asked) == sorted(key.replace("=", "%3D").replace("+", "%2B").encode() for key in rig.list_objects())
    rig.assert_mended()
