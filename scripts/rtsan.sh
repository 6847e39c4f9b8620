#!/usr/bin/env bash
# Runs the renderer under the real-time sanitizer: a call that may block, an allocation or a system call inside it ends
# the program. Then plants an allocation, which must be found. Needs the sanitizer's runtime, which comes with rustc on
# Linux and macOS, and nothing else.
set -euo pipefail
cd "$(dirname "$0")/.."

libraries="$(rustc --print sysroot)/lib/rustlib/$(rustc -vV | sed -n 's/^host: //p')/lib"
runtime=$(ls "$libraries"/librustc-*_rt.rtsan.a 2>/dev/null | head -n 1 || true)
if [ -z "$runtime" ]; then
    echo "rtsan: skipped: this rustc comes without the runtime ($libraries/librustc-*_rt.rtsan.a)"
    exit 0
fi

scripts/bootstrap.sh
export RTSAN_ENABLE=1 RTSAN_LIB_PATH=$runtime
# The runtime is linked to the test alone, so that build scripts and macros stay as they are.
under_rtsan() { cargo test -p sostenuto-playback --features rtsan --test no_alloc --locked "$@"; }

under_rtsan
if planted=$(under_rtsan -- --ignored a_planted_violation 2>&1); then
    echo "rtsan: a planted allocation was not found; is the runtime linked?" >&2
    exit 1
fi
if ! grep -q "RealtimeSanitizer" <<<"$planted"; then
    printf '%s\n' "$planted" >&2
    echo "rtsan: the planted allocation failed for another reason" >&2
    exit 1
fi
echo "rtsan: the renderer is clean, and a planted allocation was found"
