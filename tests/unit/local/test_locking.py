from __future__ import annotations

import pytest

from airtide.domain.errors import MisconfiguredError
from airtide.local.home import Home
from airtide.local.locking import only_one


def test_two_commands_do_not_start_one_installation_at_once(home: Home) -> None:
    with only_one(home), pytest.raises(MisconfiguredError, match="another airtide command"), only_one(home):
        pytest.fail("both were let in")


def test_the_lock_is_given_back(home: Home) -> None:
    with only_one(home):
        pass
    with only_one(home):
        pass
