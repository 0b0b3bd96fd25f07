"""The Dag that sends dead letters back: what it asks for, and that nothing is sent without somebody's word."""

from __future__ import annotations

import pytest
from airflow.sdk.exceptions import ParamValidationError

from airtide.settings import POLLED_PLATFORMS


@pytest.fixture
def dag(dags):
    return dags["replay_dead_letters"]


@pytest.mark.parametrize(
    ("name", "value"),
    [("platform", "vine"), ("limit", 0), ("limit", "many"), ("dry_run", "no"), ("reason", ""), ("begin", 7)],
)
def test_a_param_of_another_form_is_refused(dag, name, value):
    with pytest.raises(ParamValidationError):
        dag.params.get_param(name).resolve(value)


@pytest.mark.parametrize("platform", [None, *(platform.value for platform in POLLED_PLATFORMS)])
def test_every_site_and_none_may_be_meant(dag, platform):
    assert dag.params.get_param("platform").resolve(platform) == platform


def test_it_runs_by_hand_and_begins_as_a_dry_run(dag):
    assert not dag.timetable.can_be_scheduled
    assert dag.params["dry_run"] is True


def test_nothing_is_sent_before_the_numbers_are_approved(dag):
    assert dag.get_task("replay").upstream_task_ids == {"approve"}
    assert dag.get_task("approve").upstream_task_ids == {"is_wanted"}
    assert dag.get_task("is_wanted").upstream_task_ids == {"count"}


@pytest.mark.parametrize(("dry_run", "mended", "goes_on"), [(True, 5, False), (False, 0, False), (False, 5, True)])
def test_nobody_is_asked_in_a_dry_run_or_about_nothing(dag, dry_run, mended, goes_on):
    is_wanted = dag.get_task("is_wanted").python_callable
    assert is_wanted({"mended": mended}, {"dry_run": dry_run}) is goes_on


def test_no_answer_counts_as_a_no_before_the_run_is_over(dag):
    approve = dag.get_task("approve")
    assert approve.defaults == ["Reject"]
    assert approve.response_timeout < dag.dagrun_timeout
    assert not approve.fail_on_reject
