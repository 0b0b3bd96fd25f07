#!/bin/sh
# Makes .venv with the first Python that fits, and puts uv into it. PYTHON names another one.
set -eu

fits='import ensurepip, sys, venv; sys.exit(not (3, 11) <= sys.version_info < (3, 15))'

for candidate in ${PYTHON:-python3.11 python3.12 python3.13 python3.14 python3}; do
    if "$candidate" -c "$fits" 2>/dev/null; then
        python=$candidate
        break
    fi
done
if [ -z "${python:-}" ]; then
    echo "Python 3.11 to 3.14 with its venv module is missing: install it (on Debian: apt-get install python3 python3-venv), or name one with make PYTHON=…" >&2
    exit 1
fi

"$python" -m venv .venv
.venv/bin/python -m pip install --quiet --disable-pip-version-check --constraint requirements-dev.txt uv
