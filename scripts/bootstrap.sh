#!/usr/bin/env bash
# Sees to it that the native packages are there which building needs: a C compiler, pkg-config, ALSA's headers.
# `bootstrap.sh espeak` sees to the feature `espeak` too: cmake, libclang with its headers, the library sonic.
# `bootstrap.sh fuzz` sees to a C++ compiler, for libFuzzer.
# `bootstrap.sh sound` sees to a sound server and its tools, which the tests of sound devices start for themselves.
# Asks the package manager only for what is missing; without the right to, prints the one command to run.
set -euo pipefail

# The library and its headers of the distribution's own clang; the package that brings much more where apt knows no
# version yet.
clang_packages() {
    local version
    version=$(apt-cache depends libclang-dev 2>/dev/null | sed -n 's/.*Depends: libclang-\([0-9]*\)-dev/\1/p' | head -n 1)
    if [ -n "$version" ]; then echo "libclang1-$version" "libclang-common-$version-dev"; else echo libclang-dev; fi
}

missing=()
command -v cc >/dev/null || missing+=(gcc libc6-dev)
command -v pkg-config >/dev/null || missing+=(pkg-config)
if [ "$(uname -s)" = Linux ] && ! pkg-config --exists alsa 2>/dev/null; then
    missing+=(libasound2-dev)
fi
if [ "${1:-}" = fuzz ]; then
    command -v c++ >/dev/null || missing+=(g++)
fi
if [ "${1:-}" = sound ] && [ "$(uname -s)" = Linux ]; then
    command -v pulseaudio >/dev/null || missing+=(pulseaudio)
    command -v pactl >/dev/null || missing+=(pulseaudio-utils)
fi
if [ "${1:-}" = espeak ]; then
    command -v cmake >/dev/null || missing+=(cmake)
    command -v c++ >/dev/null || missing+=(g++)
    [ -e "$(cc -print-file-name=libsonic.a 2>/dev/null)" ] || missing+=(libsonic-dev)
    if ! ls /usr/lib/llvm-*/lib/libclang*.so* >/dev/null 2>&1 ||
        ! ls /usr/lib/llvm-*/lib/clang/*/include/stddef.h >/dev/null 2>&1; then
        missing+=($(clang_packages))
    fi
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
