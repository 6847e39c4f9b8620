"""One of the peers that are not ours: a sentence's number on standard input, its times on standard output."""

import argparse
import json
import pathlib
import resource
import shutil
import subprocess
import sys
import time

RATE = 24_000
WAV_HEADER = 44


def feeds_of(sentence):
    """The inputs of Kokoro's graph."""
    import numpy as np

    one = np.ones(1, np.float32)
    return {
        "tokens": np.array([sentence["ids"]], np.int64),
        "style": np.array([sentence["style"]], np.float32),
        "speed": one,
        "pitch": one,
        "energy": one,
    }


def session_of(path, threads, kokoro_pi=False):
    """Stock ONNX Runtime with its defaults, but for the threads; with kokoro-pi's operators if asked for."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    if kokoro_pi:
        from kokoro_pi import paths

        options.register_custom_ops_library(str(paths.prebuilt_library()))
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def whole(speak):
    """A peer that gives all of a sentence at once: `speak` returns how many samples."""

    def timed(sentence):
        started = time.perf_counter()
        samples = speak(sentence)
        took = time.perf_counter() - started
        return {"whole_s": took, "first_s": took, "audio_s": samples / RATE}

    return timed


def ort(args, inputs):
    session = session_of(inputs["float_graph"], args.threads)
    return whole(lambda sentence: session.run(["audio"], feeds_of(sentence))[0].size)


def kokoro_pi(args, inputs):
    session = session_of(args.inputs.parent / f"{args.session}.onnx", args.threads, kokoro_pi=True)
    return whole(lambda sentence: session.run(["audio"], feeds_of(sentence))[0].size)


def openvino(args, inputs):
    import openvino

    core = openvino.Core()
    settings = {"INFERENCE_NUM_THREADS": args.threads, "PERFORMANCE_HINT": "LATENCY"}
    model = core.compile_model(inputs["float_graph"], "CPU", {**settings, "INFERENCE_PRECISION_HINT": "f32"})
    request = model.create_infer_request()

    def speak(sentence):
        request.infer(feeds_of(sentence))
        return request.get_tensor("audio").data.size

    return whole(speak)


def kokoro_onnx(args, inputs):
    from kokoro_onnx import Kokoro

    kokoro = Kokoro(inputs["export"], str(args.inputs.parent / "voices.bin"))
    return whole(lambda sentence: kokoro.create(sentence["text"], voice="af_heart", lang="en-us")[0].size)


def espeak_ng(args, inputs):
    """A process for each sentence, as its users start it."""
    program = shutil.which("espeak-ng")
    if program is None:
        raise RuntimeError("espeak-ng is not installed")

    def speak(sentence):
        started = time.perf_counter()
        command = [program, "-v", "en-us", "--stdout", sentence["text"]]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
            head = process.stdout.read(WAV_HEADER + 2)
            first = time.perf_counter() - started
            rest = process.stdout.read()
            took = time.perf_counter() - started
        rate = int.from_bytes(head[24:28], "little")
        peak_mb = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024 / 1e6
        return {"whole_s": took, "first_s": first, "audio_s": (2 + len(rest)) / 2 / rate, "peak_mb": peak_mb}

    return speak


PEERS = {
    "ort": ort,
    "kokoro-pi": kokoro_pi,
    "kokoro-pi-int8": kokoro_pi,
    "openvino": openvino,
    "kokoro-onnx": kokoro_onnx,
    "espeak-ng": espeak_ng,
}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--session", choices=PEERS, required=True)
    parser.add_argument("--threads", type=int, required=True, help="0 is as it comes")
    parser.add_argument("--inputs", type=pathlib.Path, required=True)
    args = parser.parse_args()
    inputs = json.loads(args.inputs.read_text())
    try:
        speak = PEERS[args.session](args, inputs)
    except Exception as error:  # whatever keeps it from being measured is told in the table
        print(" ".join(str(error).split())[:200] or type(error).__name__, flush=True)
        return
    print("ready", flush=True)
    for line in sys.stdin:
        print(json.dumps(speak(inputs["sentences"][int(line)])), flush=True)


if __name__ == "__main__":
    main()
