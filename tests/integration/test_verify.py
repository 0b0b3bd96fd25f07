"""The audit on real parts: what was planted in warehouse and bucket is found, and the command tells it."""

from __future__ import annotations

import pytest
from tests.integration.test_landing import POLLED, World, world
from tests.integration.test_landing_rest import running

from airtide import cli
from airtide.domain.errors import NotWhole
from airtide.domain.models import Platform
from airtide.lake.audit import LakeAudit
from airtide.pipeline.verify.findings import FindingKind, PlatformReport
from airtide.pipeline.verify.platform import verify_platform
from airtide.warehouse.audit import WarehouseAudit
from airtide.warehouse.connect import Role, connect
from airtide.wiring import jobs
from airtide.wiring.adapters import Adapters

__all__ = ["running", "world"]  # fixtures of the landing's suites


def verify(world: World) -> PlatformReport:
    return verify_platform(
        POLLED,
        log=world.log,
        lake=LakeAudit(world.store),
        ledger=WarehouseAudit(world.address),
        clock=world.clock,
    )


def test_what_is_planted_in_warehouse_and_bucket_is_found_and_named(world):
    world.publish_ticks(14)
    world.land(max_snapshots=60)
    report = verify(world)
    assert [str(finding) for finding in report.findings.shown] == []
    assert (report.is_whole, report.samples) == (True, 140)

    def found() -> set[FindingKind]:
        return {kind for kind, total in verify(world).findings.totals.items() if total}

    world.execute("UPDATE live.sample SET viewers = 4711 WHERE viewers = 13")
    assert found() == {FindingKind.SAMPLE_DIFFERS}
    world.execute("UPDATE live.sample SET viewers = 13 WHERE viewers = 4711")
    world.execute("UPDATE ingest.lake_object SET retired_at = now() WHERE kind = 'sweeps' AND batch_id = 1")
    assert found() == {FindingKind.MISSING}
    world.execute("UPDATE ingest.lake_object SET retired_at = NULL")
    world.execute("UPDATE ingest.batch SET expired = 1 WHERE batch_id = 2")
    assert found() == {FindingKind.COUNTS}
    world.execute("UPDATE ingest.batch SET expired = 0")
    assert verify(world).is_whole

    keys = [key for (key,) in world.execute("SELECT object_key FROM ingest.lake_object ORDER BY batch_id, object_key")]
    world.store.delete(keys[0])
    world.execute(f"UPDATE ingest.lake_object SET sha256 = 'other' WHERE object_key = '{keys[-1]}'")
    findings = verify(world).findings
    named = {finding.kind: finding.object_key for finding in findings.shown if finding.object_key}
    assert named == {FindingKind.OBJECT_MISSING: keys[0], FindingKind.OBJECT_DIFFERS: keys[-1]}


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr("sys.argv", ["airtide", *arguments])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    return int(ended.value.code or 0)


def test_the_command_and_the_task_tell_what_is_whole_and_what_is_not(running, warehouse, bucket, monkeypatch, capsys):
    monkeypatch.setenv("AIRTIDE__LAKE__BUCKET", bucket)
    running.publish(Platform.SOOP, 3)
    with Adapters(running.connections) as adapters:
        jobs.land_platform(Platform.SOOP, adapters)
        running.publish(Platform.SOOP, 2)
        assert jobs.verify_landing(adapters, days=1)["samples"] == 3
        assert run(monkeypatch, "verify") == 0
        told = capsys.readouterr().out
        assert "soop: whole; 1 objects and 3 samples" in told
        assert "youtube: whole" in told
        with connect(warehouse.superuser, Role.OWNER) as connection:
            connection.execute(
                "DELETE FROM live.sample WHERE broadcast_key = (SELECT MIN(broadcast_key) FROM live.sample)"
            )
        with pytest.raises(NotWhole, match=r"1 findings, the first: sample missing: .* broadcast"):
            jobs.verify_landing(adapters, days=1)
    assert run(monkeypatch, "verify", "soop", "--days", "2") == 1
    told = capsys.readouterr().out
    assert "soop: 1 findings" in told
    assert "youtube" not in told
