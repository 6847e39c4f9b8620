"""DNSMOS of speech from standard input: 32-bit little-endian floats at 24 kHz, mono. Prints overall and P.808 as JSON."""
import json
import sys

import numpy
from speechmos import dnsmos
import librosa

speech = numpy.frombuffer(sys.stdin.buffer.read(), dtype="<f4")
speech = librosa.resample(speech, orig_sr=24000, target_sr=16000)
found = dnsmos.run(speech / max(1.0, float(numpy.abs(speech).max())), 16000)
print(json.dumps({"overall": float(found["ovrl_mos"]), "p808": float(found["p808_mos"])}))
