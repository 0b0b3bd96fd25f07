"""Every component of Airflow imports the plugin: it costs them next to nothing and is the only file they import."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import trends_page.app
from trends_page.plugin import LazyApp

ROOT = Path(__file__).resolve().parents[2]
PLUGINS = ROOT / "plugins"
OTHER_FILES = sorted(
    path.stem for path in (PLUGINS / "trends_page").glob("*.py") if path.stem not in {"plugin", "__init__"}
)

FIND_PLUGIN = """
import sys
from airflow import plugins_manager
before = set(sys.modules)
apps, _ = plugins_manager.get_fastapi_plugins()
print([app["url_prefix"] for app in apps], plugins_manager.get_import_errors())
print(sorted(name for name in set(sys.modules) - before if name.startswith(("trends_page", "airtide"))))
print([name for name in sys.argv[1:] if name in sys.modules])
print("psycopg" in sys.modules)
"""

IMPORT_PLUGIN = """
import sys
import airflow.plugins_manager
before = set(sys.modules)
sys.path.append(sys.argv[1])
import trends_page.plugin
print(sorted({name.split(".")[0] for name in set(sys.modules) - before}))
"""


def run(program, home, *arguments):
    environment = {
        **os.environ,
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(PLUGINS),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "PYTHONPATH": str(ROOT / "include"),
    }
    command = [sys.executable, "-c", program, *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout.strip().splitlines()


def test_importing_the_plugin_adds_no_web_framework_and_no_driver(tmp_path):
    assert run(IMPORT_PLUGIN, tmp_path, str(PLUGINS))[-1] == "['trends_page']"


def test_airflow_finds_the_plugin_and_imports_no_other_file_of_it(tmp_path):
    found, ours, others, has_driver = run(FIND_PLUGIN, tmp_path, *OTHER_FILES)[-4:]

    assert found == "['/airtide'] {}"
    assert ours == "[]", "the file itself is imported under the bare name plugin"
    assert others == "[]"
    assert has_driver == "False"


def test_the_application_is_built_once_and_at_its_first_request(monkeypatch):
    built = []

    def build():
        built.append("application")

        async def application(scope, receive, send):
            await send(scope["path"])

        return application

    monkeypatch.setattr(trends_page.app, "create_app", build)
    answers = []

    async def send(answer):
        answers.append(answer)

    async def ask_twice():
        app = LazyApp()
        assert built == []
        await asyncio.gather(*(app({"path": path}, None, send) for path in ("/a", "/b")))

    asyncio.run(ask_twice())

    assert built == ["application"]
    assert sorted(answers) == ["/a", "/b"]
