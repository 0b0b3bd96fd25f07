#!/bin/sh
# Sees to Java 17 and Maven: installs them where this is root on Debian, and says what to do elsewhere.
set -eu

missing=
{ [ -n "${JAVA_HOME:-}" ] && [ -x "$JAVA_HOME/bin/java" ]; } || command -v java >/dev/null || missing="openjdk-17-jre-headless"
command -v mvn >/dev/null || missing="$missing maven"
[ -n "$missing" ] || exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "installing $missing" >&2
    apt-get update -qq
    # shellcheck disable=SC2086 # one word a package
    DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $missing >/dev/null
else
    echo "Java 17 or newer and Maven are needed, and missing here: $missing (names on Debian); install them and run this again" >&2
    exit 1
fi
