"""Judges what `judged` spoke (benches/src/bin/judged.rs) with models that nobody here trained.

usage: judge_speech.py FOLDER   (needs: pip install speechmos pocketsphinx numpy soundfile librosa)

Prints, each beside its bar:
  DNSMOS (overall, and P.808) of each policy, and how hybrid differs from quality;
  how far word marks are from forced alignment (pocketsphinx, whose word starts are good to about 30 ms);
  the largest step from sample to sample within 10 ms of each joint, against the largest inside its two fragments;
  how the loudness changes over joints, and between sessions that speak the same sentence.
"""

import json
import pathlib
import re
import sys

import librosa
import numpy as np
import soundfile
from pocketsphinx import Decoder
from speechmos import dnsmos

JUDGED_RATE = 16_000
POLICIES = ["quality", "fast", "hybrid"]
EDGE_S = 0.010
FRAME_S, GATE_DB = 0.020, 25.0


def resampled(samples, rate):
    audio = librosa.resample(samples, orig_sr=rate, target_sr=JUDGED_RATE)
    return audio / max(1.0, float(np.abs(audio).max()))


def trimmed(samples, take):
    """The speech alone: a sink in real time puts silence before it."""
    return samples[take["fragments"][0]["begin"] : take["fragments"][-1]["end"]]


def verdict(value, bar):
    return f"bar {bar:g}  {'kept' if value <= bar else 'MISSED'}"


def judge_quality(takes, audio):
    print("DNSMOS, mean over sentences")
    scores = {policy: {"ovrl_mos": [], "p808_mos": []} for policy in POLICIES}
    for take, samples in zip(takes, audio):
        told = dnsmos.run(resampled(trimmed(samples, take), take["rate"]), JUDGED_RATE)
        for name, values in scores[take["policy"]].items():
            values.append(float(told[name]))
    for name in ("ovrl_mos", "p808_mos"):
        for policy in POLICIES:
            values = scores[policy][name]
            print(f"  {name} {policy:<8} {np.mean(values):.3f}  (n {len(values)})")
        differences = np.subtract(scores["hybrid"][name], scores["quality"][name])
        whole = np.array([take["underruns"] == 0 for take in takes if take["policy"] == "hybrid"])
        for which, chosen in (("", differences), (", takes without underruns", differences[whole])):
            if len(chosen) > 1:
                error = chosen.std(ddof=1) / np.sqrt(len(chosen))
                print(
                    f"  {name} hybrid - quality{which} (n {len(chosen)}) {chosen.mean():+.3f}"
                    f" (standard error {error:.3f})  {verdict(abs(chosen.mean()), 0.05)}"
                )


def aligned(samples, rate, words):
    """The times in seconds at which an aligner hears `words` begin; None where it does not know one of them."""
    decoder = Decoder(samprate=JUDGED_RATE, bestpath=False, loglevel="FATAL", lm=None)
    if any(decoder.lookup_word(word) is None for word in words):
        return None
    decoder.set_align_text(" ".join(words))
    pcm = (np.clip(resampled(samples, rate), -1, 1) * 32_767).astype("<i2").tobytes()
    decoder.start_utt()
    decoder.process_raw(pcm, full_utt=True)
    decoder.end_utt()
    heard = [(re.sub(r"\(\d+\)$", "", s.word), s.start_frame / 100) for s in decoder.seg() if s.word[0] not in "<(["]
    return [start for _, start in heard] if [word for word, _ in heard] == words else None


def judge_marks(takes, audio):
    print("word marks against forced alignment")
    for policy in POLICIES:
        errors, left_out = [], 0
        for take, samples in zip(takes, audio):
            if take["policy"] != policy:
                continue
            words = [re.sub(r"[^a-z']", "", word["text"].lower()) for word in take["words"]]
            starts = aligned(samples, take["rate"], words)
            if starts is None:
                left_out += 1
                continue
            told = [word["begin"] / take["rate"] for word in take["words"]]
            errors += [1e3 * (a - b) for a, b in zip(told, starts)]
        if not errors:
            print(f"  {policy}: no sentence could be aligned")
            continue
        absolute = np.abs(errors)
        print(
            f"  {policy:<8} {len(errors)} words, {left_out} sentences left out: |start error| median"
            f" {np.median(absolute):.0f} ms, p90 {np.quantile(absolute, 0.9):.0f} ms,"
            f" signed median {np.median(errors):+.0f} ms  {verdict(np.median(absolute), 60)}"
        )


def steps(samples):
    return np.abs(np.diff(samples))


def joints(takes, audio, policy):
    """Of each joint: whether the session changes, the rate, the samples, and the fragments on both sides."""
    for take, samples in zip(takes, audio):
        if take["policy"] == policy:
            for before, after in zip(take["fragments"], take["fragments"][1:]):
                yield take, samples, before, after


def judge_joints(takes, audio):
    print("joints: largest step within 10 ms of a joint, against the largest inside its two fragments")
    for policy in ("quality", "hybrid"):
        for changes in (False, True):
            ratios = []
            for take, samples, before, after in joints(takes, audio, policy):
                if (before["session"] != after["session"]) != changes:
                    continue
                edge = int(EDGE_S * take["rate"])
                near = [samples[max(at - edge, 0) : at + edge + 1] for at in (before["end"], after["begin"])]
                inside = [samples[part["begin"] + edge : part["end"] - edge] for part in (before, after)]
                ratios.append(max(steps(x).max() for x in near) / max(steps(x).max() for x in inside))
            if ratios:
                name = f"{policy}, the session {'changes' if changes else 'stays'}"
                print(
                    f"  {name:<28} {len(ratios)} joints: ratio median {np.median(ratios):.3f},"
                    f" most {max(ratios):.3f}  {verdict(max(ratios), 1.0)}"
                )


def active_db(samples, rate):
    """Root mean square over the frames of 20 ms that are within 25 dB of the loudest, in dB of full scale."""
    size = int(FRAME_S * rate)
    frames = samples[: len(samples) // size * size].reshape(-1, size).astype(np.float64)
    power = (frames**2).mean(axis=1) + 1e-12
    return float(10 * np.log10(power[power > power.max() * 10 ** (-GATE_DB / 10)].mean()))


def judge_loudness(takes, audio):
    print("loudness (active level)")

    def level(take, samples, part):
        return active_db(samples[part["begin"] : part["end"]], take["rate"])

    def show(name, differences, bar=None):
        if len(differences):
            mean, deviation = np.mean(differences), np.std(differences, ddof=1) if len(differences) > 1 else 0.0
            end = verdict(abs(mean), bar) if bar else ""
            largest = max(differences, key=abs)
            print(
                f"  {name:<52} n {len(differences)}: mean {mean:+.2f} dB, deviation {deviation:.2f},"
                f" largest {largest:+.2f}  {end}"
            )

    whole = {
        (take["policy"], take["sentence"]): active_db(trimmed(samples, take), take["rate"])
        for take, samples in zip(takes, audio)
    }
    sentences = sorted({take["sentence"] for take in takes})
    show("fast - quality, same sentence", [whole["fast", n] - whole["quality", n] for n in sentences], 1.0)
    show("hybrid - quality, same sentence", [whole["hybrid", n] - whole["quality", n] for n in sentences], 1.0)
    for policy in ("quality", "fast"):
        found = joints(takes, audio, policy)
        show(f"after - before a joint, {policy} alone", [level(t, s, b) - level(t, s, a) for t, s, a, b in found])
    over = [
        (level(t, s, b) - level(t, s, a)) for t, s, a, b in joints(takes, audio, "hybrid") if a["session"] != b["session"]
    ]
    show("after - before a joint where the session changes", over)
    same = [level(t, s, b) - level(t, s, a) for t, s, a, b in joints(takes, audio, "quality")]
    if over and same:
        excess = np.mean(over) - np.mean(same)
        print(f"  change of session beyond what a joint has by itself: {excess:+.2f} dB  {verdict(abs(excess), 1.0)}")


def main(folder):
    folder = pathlib.Path(folder)
    takes = json.loads((folder / "speech.json").read_text())
    audio = [soundfile.read(folder / take["file"], dtype="float32")[0] for take in takes]
    seconds = {}
    for take in takes:
        for part in take["fragments"]:
            key = (take["policy"], part["session"])
            seconds[key] = seconds.get(key, 0.0) + (part["end"] - part["begin"]) / take["rate"]
    for (policy, session), total in sorted(seconds.items()):
        count = sum(p["session"] == session for t in takes if t["policy"] == policy for p in t["fragments"])
        print(f"{policy}: {total:.1f} s in {count} fragments by the {session} session")
    print(f"underruns: {sum(take['underruns'] for take in takes)}")
    judge_quality(takes, audio)
    judge_marks(takes, audio)
    judge_joints(takes, audio)
    judge_loudness(takes, audio)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
