"""Makes the graphs and files of other peers, beside what all peers speak, once.

    kokoro-pi.onnx       kokoro-pi's rewrites of our float graph, for its float operators
    kokoro-pi-int8.onnx  the same with its int8 operators, calibrated on sentences that are not measured
    voices.bin           the voice as kokoro-onnx reads it
"""

import json
import pathlib
import sys

import numpy as np

REWRITES = ("fuse_instance_norm", "conv2d", "square_mul", "fuse_snake")


def main():
    inputs_path = pathlib.Path(sys.argv[1])
    folder = inputs_path.parent
    inputs = json.loads(inputs_path.read_text())
    voices = folder / "voices.bin"
    if not voices.exists():
        pack = np.fromfile(inputs["voice"], np.float32).reshape(510, 1, 256)
        with voices.open("wb") as out:
            np.savez(out, af_heart=pack)
    try:
        rewrite(inputs, folder)
    except ImportError as error:
        print(f"kokoro-pi is not installed, and is left out: {error}", file=sys.stderr)


def rewrite(inputs, folder):
    """kokoro-pi's own functions, on our float graph in place of the export that it fetches itself."""
    from kokoro_pi import graph, quantise

    import onnx

    floats, ints = folder / "kokoro-pi.onnx", folder / "kokoro-pi-int8.onnx"
    if floats.exists() and ints.exists():
        return
    model = onnx.load(inputs["float_graph"])
    counts = {name: getattr(graph, name)(model) for name in REWRITES}
    print(f"kokoro-pi: {counts}", file=sys.stderr)
    # Its passes only make the operators known where they find a place for them.
    if not any(entry.domain == graph.DOMAIN for entry in model.opset_import):
        raise SystemExit("kokoro-pi's rewrites find no place for its operators in our graph")
    onnx.save(model, str(floats))

    targets = quantise.find_targets(model)
    instrumented = folder / "calibration.onnx"
    onnx.save(quantise.instrument(model, targets), str(instrumented))
    from worker import feeds_of, session_of

    session = session_of(instrumented, threads=2, kokoro_pi=True)
    names, ranges = [output.name for output in session.get_outputs()], {}
    for sentence in inputs["calibration"]:
        outputs = dict(zip(names, session.run(None, feeds_of(sentence))))
        quantise.accumulate_ranges(outputs, targets, ranges)
    del session
    instrumented.unlink()
    quantised, report = quantise.build(model, targets, ranges)
    print(f"kokoro-pi: {quantise.summarise(report)}", file=sys.stderr)
    onnx.save(quantised, str(ints))


if __name__ == "__main__":
    main()
