#!/usr/bin/env bash
# Sees to a Chromium that opens pages without a screen, for `make test-ui`. Does nothing where one is there.
# Needs root or sudo to install it; else it prints the command and stops.
set -euo pipefail

for name in chromium chromium-browser google-chrome; do
    if command -v "$name" >/dev/null; then exit 0; fi
done

if ! command -v apt-get >/dev/null; then
    echo "chromium: please install it with your system's package manager" >&2
    exit 1
fi
as_root=()
if [ "$(id -u)" -ne 0 ]; then
    if command -v sudo >/dev/null && { sudo -n true 2>/dev/null || [ -t 0 ]; }; then
        as_root=(sudo)
    else
        echo "chromium: as root, run: apt-get update && apt-get install --no-install-recommends -y chromium" >&2
        exit 1
    fi
fi
export DEBIAN_FRONTEND=noninteractive
"${as_root[@]}" apt-get update -q
"${as_root[@]}" apt-get install --no-install-recommends -y -q chromium
