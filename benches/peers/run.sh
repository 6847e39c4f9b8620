#!/usr/bin/env bash
# Measures peers side by side on this machine, and writes peers.json, peers.md and peers.svg to target/peers/. What is
# given is passed on: --rounds 7, --only NAME. What is missing is installed: espeak-ng where apt-get may, the others into a
# Python environment of their own ($PEERS, target/peers unless given).
set -euo pipefail
cd "$(dirname "$0")/../.."

scripts/bootstrap.sh
folder=${PEERS:-${CARGO_TARGET_DIR:-target}/peers}
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
if ! command -v espeak-ng >/dev/null; then
    if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
        apt-get install -y --no-install-recommends espeak-ng
    else
        echo "peers: espeak-ng is not installed, and is left out" >&2
    fi
fi
if ! cmp -s benches/peers/requirements.txt "$folder/installed.txt"; then
    python3 -m venv "$folder/python"
    "$folder/python/bin/pip" install --quiet -r benches/peers/requirements.txt
    # It asks for an older kokoro-onnx than users have; its operators and rewrites are all that is taken from it.
    "$folder/python/bin/pip" install --quiet --no-deps kokoro-pi==1.2.0
    cp benches/peers/requirements.txt "$folder/installed.txt"
fi

cargo build --release --locked --quiet -p sostenuto -p sostenuto-benches --bin sostenuto --bin peers
built=${CARGO_TARGET_DIR:-target}/release
"$built/sostenuto" assets fetch --set full
# Without it the native generator speaks with norms that it measures, and the line of predicted ones says so.
if [ ! -e "$folder/learned" ]; then
    "$built/sostenuto" models learn --voice af_heart && touch "$folder/learned" || true
fi
"$built/peers" inputs --to "$folder/inputs.json"
"$folder/python/bin/python" benches/peers/prepare.py "$folder/inputs.json"
"$built/peers" measure --inputs "$folder/inputs.json" --python "$folder/python/bin/python" \
    --worker benches/peers/worker.py --to "$folder" "$@"
