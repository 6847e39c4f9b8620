"""Judges what `predicted` spoke (benches/src/bin/predicted.rs): exact against predicted norms.

usage: judge_pairs.py FOLDER   (needs: pip install speechmos numpy soundfile librosa)

Prints for each voice and for all the mean change of DNSMOS (overall, and P.808) over the sentences that were predicted,
each beside its bar, and the log-mel distance that the program measured.
"""

import json
import pathlib
import sys

import librosa
import numpy as np
import soundfile
from speechmos import dnsmos

JUDGED_RATE = 16_000
OVERALL, P808, LOG_MEL = 0.02, 0.05, 2.2


def judged(path):
    samples, rate = soundfile.read(path, dtype="float32")
    audio = librosa.resample(samples, orig_sr=rate, target_sr=JUDGED_RATE)
    mos = dnsmos.run(audio / max(1.0, float(np.abs(audio).max())), JUDGED_RATE)
    return np.array([mos["ovrl_mos"], mos["p808_mos"]], dtype=float)


def main(folder):
    pairs = [pair for pair in json.loads((folder / "pairs.json").read_text()) if pair["is_predicted"]]
    changes = {}
    for pair in pairs:
        change = judged(folder / pair["predicted"]) - judged(folder / pair["exact"])
        changes.setdefault(pair["voice"], []).append((*change, pair["figures"]["log_mel"]))
    changes["all"] = [row for rows in changes.values() for row in rows]
    for voice, rows in changes.items():
        overall, p808, log_mel = np.mean(rows, axis=0)
        print(
            f"{voice:<12} {len(rows):>3} sentences: overall {overall:+.3f} (bar {OVERALL}), P.808 {p808:+.3f} (bar {P808}), "
            f"log-mel {log_mel:.2f} dB (bar {LOG_MEL})"
        )


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
