#!/bin/sh
# Sees to Chromium for the browser tests: installs it where this is root on Debian; elsewhere those tests are skipped.
set -eu

command -v chromium >/dev/null && exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "installing chromium" >&2
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends chromium >/dev/null && exit 0
fi
echo "Chromium is missing: the browser tests are skipped" >&2
