"""Judges the concealment of gaps with PLCMOS, a model that nobody here trained.

usage: judge.py FOLDER [--results FILE.md]   (needs: pip install speechmos numpy soundfile librosa)
       judge.py --unpack FOLDER FILE.flac...

FOLDER is what `concealment` (benches/src/bin/concealment) wrote. Of each take it judges the speech with its gaps as the
renderer played it, and the same gaps as plain silence. Prints, and keeps in FILE.md, for each length of gap: the mean of
both, the mean difference with its standard error, and in which share of takes the renderer's is the better one; and the
mean of the speech without gaps, above which concealment cannot come. `--unpack` turns speech into WAV files that
`concealment` reads.

PLCMOS (Diener, Purin, Sootla, Saabas, Aichner, Cutler, "PLCMOS - a data-driven non-intrusive metric for the evaluation
of packet loss concealment algorithms", Interspeech 2023) tells a mean opinion from 1 to 5 without knowing the original.
"""

import argparse
import datetime
import json
import os
import pathlib
import platform
import sys

import librosa
import numpy as np
import soundfile
from speechmos import plcmos

JUDGED_RATE = 16_000


def judged(path):
    samples, rate = soundfile.read(path, dtype="float32")
    samples = librosa.resample(samples, orig_sr=rate, target_sr=JUDGED_RATE)
    told = plcmos.run(samples / max(1.0, float(np.abs(samples).max())), JUDGED_RATE)
    return float(told["plcmos"])


def row(name, takes, scores):
    plain = np.array([scores[take["plain"]] for take in takes])
    ours = np.array([scores[take["ours"]] for take in takes])
    gain = ours - plain
    error = gain.std(ddof=1) / np.sqrt(len(gain)) if len(gain) > 1 else float("nan")
    return (
        f"| {name} | {len(takes)} | {plain.mean():.3f} | {ours.mean():.3f} | {gain.mean():+.3f} ({error:.3f})"
        f" | {100 * (gain > 0).mean():.0f} % |"
    )


def table(takes, scores):
    lines = ["| gap | takes | plain silence | renderer | difference (standard error) | renderer better |"]
    lines.append("| ---: | ---: | ---: | ---: | ---: | ---: |")
    for gap in sorted({take["gap_ms"] for take in takes}):
        lines.append(row(f"{gap} ms", [take for take in takes if take["gap_ms"] == gap], scores))
    lines.append(row("all", takes, scores))
    whole = {take["whole"] for take in takes}
    lines.append(f"\nWithout gaps: {np.mean([scores[name] for name in whole]):.3f} ({len(whole)} speeches).")
    gaps = sum(len(take["gaps_at_ms"]) for take in takes)
    silence = sum(take["inserted_ms"] for take in takes) / 1e3
    lines.append(f"{gaps} gaps, {silence:.1f} s in all.")
    return "\n".join(lines)


def processor():
    try:
        for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def unpack(folder, files):
    folder.mkdir(parents=True, exist_ok=True)
    for file in map(pathlib.Path, files):
        samples, rate = soundfile.read(file, dtype="float32")
        soundfile.write(folder / f"{file.stem}.wav", samples, rate, subtype="FLOAT")


def main():
    parser = argparse.ArgumentParser(description="Judges the concealment of gaps with PLCMOS.")
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("files", nargs="*")
    parser.add_argument("--unpack", action="store_true")
    parser.add_argument("--results", type=pathlib.Path)
    args = parser.parse_args()
    if args.unpack:
        return unpack(args.folder, args.files)

    takes = json.loads((args.folder / "takes.json").read_text())
    names = sorted({take[kind] for take in takes for kind in ("whole", "plain", "ours")})
    scores = {name: judged(args.folder / name) for name in names}
    told = table(takes, scores)
    print(told)
    if args.results:
        day = datetime.date.today().isoformat()
        head = "# Concealment, judged with PLCMOS (1 to 5)\n\n"
        head += f"`scripts/plc.sh`, {day}, {processor()}, {os.cpu_count()} cores. What the figures are: `judge.py`.\n\n"
        args.results.write_text(head + told + "\n")


if __name__ == "__main__":
    sys.exit(main())
