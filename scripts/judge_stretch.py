"""Judges what the example `stretched` made (playback/examples/stretched.rs) with models that nobody here trained.

usage: judge_stretch.py FOLDER   (needs: pip install speechmos pocketsphinx numpy soundfile librosa)

Prints for each rate, of the time-stretch and of the naive cut:
  DNSMOS, overall and P.808;
  how many of the words that a recogniser (pocketsphinx, its own language model) hears at rate 1 it does not hear;
  the median distance of word starts, found by forced alignment, from where they are at rate 1, divided by the rate.
"""

import pathlib
import sys

import librosa
import numpy as np
import soundfile
from pocketsphinx import Decoder
from speechmos import dnsmos

JUDGED_RATE = 16_000
# Of the recogniser at rate 1. No phone of it is shorter than three frames, so at a rate of 2 it looks twice as often.
FRAMES_PER_SECOND = 100


def load(path):
    samples, rate = soundfile.read(path, dtype="float32")
    audio = librosa.resample(samples, orig_sr=rate, target_sr=JUDGED_RATE)
    return audio / max(1.0, float(np.abs(audio).max()))


def decoders(rate):
    """One with a language model, and one that is told the words."""
    common = dict(samprate=JUDGED_RATE, frate=round(FRAMES_PER_SECOND * max(1, rate)), loglevel="FATAL")
    return Decoder(**common), Decoder(bestpath=False, lm=None, **common)


def segments(decoder, audio):
    decoder.start_utt()
    decoder.process_raw((audio * 32_767).astype("<i2").tobytes(), full_utt=True)
    decoder.end_utt()
    plain = lambda word: word.split("(")[0]
    rate = decoder.config["frate"]
    return [(plain(s.word), s.start_frame / rate) for s in decoder.seg() or [] if s.word[0] not in "<[("]


def edits(said, heard):
    """Words to insert, delete and replace to make one of the other."""
    row = list(range(len(heard) + 1))
    for n, word in enumerate(said, 1):
        before, row[0] = row[0], n
        for m, other in enumerate(heard, 1):
            before, row[m] = row[m], min(row[m] + 1, row[m - 1] + 1, before + (word != other))
    return row[-1]


def main(folder):
    free, forced = decoders(1)
    said, starts = {}, {}
    for path in sorted(folder.glob("1-stretched-*.wav")):
        name, audio = path.name.removeprefix("1-stretched-"), load(path)
        said[name] = [word for word, _ in segments(free, audio)]
        forced.set_align_text(" ".join(said[name]))
        starts[name] = segments(forced, audio)
    rates = sorted({float(path.name.split("-")[0]) for path in folder.glob("*-stretched-*.wav")})
    print("rate  kind       n  overall  P.808  words lost  word starts, ms")
    for rate in rates:
        free, forced = decoders(rate)
        for kind in ["stretched", "cut"]:
            scores, lost, off = [], 0, []
            for name, words in said.items():
                audio = load(folder / f"{rate:g}-{kind}-{name}")
                told = dnsmos.run(audio, JUDGED_RATE)
                scores.append((told["ovrl_mos"], told["p808_mos"]))
                lost += edits(words, [word for word, _ in segments(free, audio)])
                forced.set_align_text(" ".join(words))
                found = segments(forced, audio)
                if len(found) == len(words):
                    off += [abs(at - begin / rate) for (_, at), (_, begin) in zip(found, starts[name])]
            overall, p808 = np.mean(scores, axis=0)
            share = lost / sum(map(len, said.values()))
            print(
                f"{rate:<5g} {kind:<9} {len(scores):>2}  {overall:.3f}    {p808:.3f}  {share:>6.1%}      "
                f"{1_000 * np.median(off) if off else float('nan'):.0f} (n {len(off)})",
                flush=True,
            )


main(pathlib.Path(sys.argv[1]))
