"""Judges what `predicted` spoke (benches/src/bin/predicted.rs): exact against predicted norms, or the native form against native-int8.

usage: judge_pairs.py FOLDER   (needs: pip install speechmos numpy soundfile librosa)

Prints for each voice and for all the mean change of DNSMOS (overall, and P.808) over the sentences that were predicted
(all of them in integers), each beside its bar, and the log-mel and log-spectral distances that the program measured.
"""

import json
import pathlib
import sys

import librosa
import numpy as np
import soundfile
from speechmos import dnsmos

JUDGED_RATE = 16_000
BARS = {"predicted": "bars 0.02, 0.05; log-mel 2.2", "int8": "bars 0.05, 0.05; log-spectral 2.2"}


def judged(path):
    samples, rate = soundfile.read(path, dtype="float32")
    audio = librosa.resample(samples, orig_sr=rate, target_sr=JUDGED_RATE)
    mos = dnsmos.run(audio / max(1.0, float(np.abs(audio).max())), JUDGED_RATE)
    return np.array([mos["ovrl_mos"], mos["p808_mos"]], dtype=float)


def main(folder):
    pairs = json.loads((folder / "pairs.json").read_text())
    pairs = [pair for pair in pairs if pair["is_predicted"] or pair["way"] == "int8"]
    changes = {}
    for pair in pairs:
        change = judged(folder / pair["other"]) - judged(folder / pair["exact"])
        changes.setdefault(pair["voice"], []).append((*change, pair["figures"]["log_mel"], pair["log_spectral"]))
    changes["all"] = [row for rows in changes.values() for row in rows]
    for voice, rows in changes.items():
        overall, p808, log_mel, log_spectral = np.mean(rows, axis=0)
        print(
            f"{voice:<12} {len(rows):>3} sentences: overall {overall:+.3f}, P.808 {p808:+.3f}, log-mel {log_mel:.2f} dB, "
            f"log-spectral {log_spectral:.2f} dB ({BARS[pairs[0]['way']]})"
        )


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
