#!/bin/sh
# Installs a requirements file and this checkout into .venv: with uv, and where uv cannot, with pip.
set -eu

echo "installing $1" >&2
.venv/bin/uv pip install --quiet --python .venv/bin/python --requirement "$1" ||
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --requirement "$1"
.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
