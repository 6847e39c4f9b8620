#!/usr/bin/env bash
# Sees to it that the native packages are there which building needs: a C compiler, pkg-config, ALSA's headers.
# Asks the package manager only for what is missing; without the right to, prints the one command to run.
set -euo pipefail

missing=()
command -v cc >/dev/null || missing+=(gcc libc6-dev)
command -v pkg-config >/dev/null || missing+=(pkg-config)
if [ "$(uname -s)" = Linux ] && ! pkg-config --exists alsa 2>/dev/null; then
    missing+=(libasound2-dev)
fi
[ ${#missing[@]} -eq 0 ] && exit 0

if ! command -v apt-get >/dev/null; then
    echo "bootstrap: missing here, by their Debian names: ${missing[*]}; install them and run this again" >&2
    exit 1
fi
if [ "$(id -u)" -ne 0 ]; then
    echo "bootstrap: run this, then try again: sudo apt-get install -y --no-install-recommends ${missing[*]}" >&2
    exit 1
fi
echo "bootstrap: installing ${missing[*]}" >&2
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
