from __future__ import annotations

import pytest
from tests.unit.local.test_parts import StubbornPart

from airtide.local.doctor import advise, examine_part


def test_a_part_that_works_is_well() -> None:
    finding = examine_part(StubbornPart(answers_from=1), "RUNNING")
    assert (finding.well, finding.seen, finding.mend) == (True, "answers", "")


@pytest.mark.parametrize(
    ("state", "advice"),
    [
        ("STOPPED", "it is not running: airtide up"),
        ("RUNNING", "it runs and does not answer as it should: airtide logs stubborn"),
        ("FATAL", "it does not stay up (fatal): airtide logs stubborn"),
    ],
)
def test_a_part_that_does_not_answer_is_told_with_how_to_mend_it(state: str, advice: str) -> None:
    finding = examine_part(StubbornPart(answers_from=99), state)
    assert not finding.well
    assert finding.seen == "no answer yet"
    assert finding.mend == advise("stubborn", state)
    assert finding.mend.startswith(advice)
