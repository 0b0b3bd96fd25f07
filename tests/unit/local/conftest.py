"""An installation in a temporary folder; nothing is started."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from airtide.local.home import Home, open_home
from airtide.local.installation import Installation
from airtide.local.secret_file import complete_secrets
from airtide.settings import PortsSettings, load_settings

MakeInstallation = Callable[[dict[str, str]], Installation]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return open_home(tmp_path / "state")


@pytest.fixture
def make_installation(home: Home) -> MakeInstallation:
    """Returns an installation with the given keys."""

    def make(keys: dict[str, str]) -> Installation:
        return Installation(
            settings=load_settings(), home=home, ports=PortsSettings(), secrets=complete_secrets({}), keys=keys
        )

    return make
