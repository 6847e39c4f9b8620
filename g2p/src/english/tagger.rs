//! Part-of-speech tags, by the network of spaCy's `en_core_web_sm` 3.8.0.
//!
//! The network: hash embeddings of six features of a token, mixed by a maxout layer; four residual maxout layers
//! over windows of three tokens; a linear layer over the tags. Sources: spaCy's architectures `MultiHashEmbed.v2`,
//! `MaxoutWindowEncoder.v2` and `Tagger.v2`; Bloom embeddings after Serrà and Karatzoglou, "Getting deep
//! recommenders fit", 2017. The weights are stored in half precision, which changes no tag of the 1,199
//! sentences (19,806 tokens) that they were compared on.

use std::sync::{Arc, OnceLock};

use super::dense::Dense;
use super::memo::Memo;

/// A tag of the Penn Treebank, as spaCy writes it.
pub(super) type Tag = &'static str;

/// The features of a token: spaCy's string ids of norm, prefix, suffix and shape, then whether a space follows and
/// whether the token is white space.
pub(super) type Features = [u64; 6];

/// Written by `scripts/extract_tagger.py`, which documents the order.
const WEIGHTS: &[u8] = include_bytes!("../../data/tagger.bin");
const LABELS: &str = include_str!("../../data/tagger_labels.txt");

/// Units of every layer.
const WIDTH: usize = 96;
/// Pieces of every maxout unit.
const PIECES: usize = 3;
const ENCODERS: usize = 4;
/// Rows of the embedding tables.
const ROWS: [usize; 6] = [5000, 1000, 2500, 2500, 50, 50];
/// Seeds of the embedding tables' hashes.
const SEEDS: [u64; 6] = [8, 9, 10, 11, 12, 13];
/// What thinc's layer norm adds to the variance.
const EPSILON: f32 = 1e-8;
/// Embedded tokens that are kept, twice: under two megabytes.
const KEPT: usize = 2048;

type Unit = [f32; WIDTH];

/// The network; its weights are unpacked when the first sentence is tagged.
pub(super) struct Tagger {
    network: OnceLock<Network>,
    embedded: Memo<Features, Arc<Unit>>,
}

pub(super) struct Network {
    mixer: Maxout,
    encoders: Vec<Maxout>,
    /// Input by input, one weight for each tag; then the biases.
    tags: Vec<f32>,
    labels: Vec<Tag>,
}

struct Maxout {
    dense: Dense,
    gain: Vec<f32>,
    bias: Vec<f32>,
}

impl Tagger {
    pub(super) fn new() -> Self {
        Self { network: OnceLock::new(), embedded: Memo::new(KEPT) }
    }

    /// The weights, unpacked when they are first needed.
    pub(super) fn network(&self) -> &Network {
        self.network.get_or_init(Network::unpack)
    }

    /// The tags of one sentence, one for each token.
    pub(super) fn tag(&self, tokens: &[Features]) -> Vec<Tag> {
        self.tag_by(tokens, Dense::apply)
    }

    fn tag_by(&self, tokens: &[Features], multiply: Multiply) -> Vec<Tag> {
        if tokens.is_empty() {
            return Vec::new();
        }
        let network = self.network();
        // Four rows of zeros on either side are part of the model: they pass through the layers as tokens do.
        let mut rows = vec![[0.0; WIDTH]; tokens.len() + 2 * ENCODERS];
        for (row, token) in rows[ENCODERS..].iter_mut().zip(tokens) {
            *row = *self.embedded.get(token, || Arc::new(network.embed(token, multiply)));
        }
        let mut scratch = Scratch::default();
        for encoder in &network.encoders {
            // Each layer looks one row to either side, so the rows at both ends have served their turn.
            let inner = rows.len() - 2;
            encoder.apply(rows.as_flattened(), WIDTH, inner, &mut scratch, multiply);
            for (row, change) in rows[1..].iter_mut().zip(&scratch.units) {
                for (value, change) in row.iter_mut().zip(change) {
                    *value += change;
                }
            }
            rows.pop();
            rows.remove(0);
        }
        rows.iter().map(|row| network.best(row)).collect()
    }
}

type Multiply = fn(&Dense, &[f32], usize, usize, &mut [f32]);

#[derive(Default)]
struct Scratch {
    pieces: Vec<f32>,
    units: Vec<Unit>,
}

impl Network {
    fn unpack() -> Self {
        let tables: usize = ROWS.iter().sum::<usize>() * WIDTH;
        let mut numbers = Numbers { at: tables };
        let mixer = Maxout::unpack(&mut numbers, ROWS.len() * WIDTH);
        let encoders = (0..ENCODERS).map(|_| Maxout::unpack(&mut numbers, 3 * WIDTH)).collect();
        let labels: Vec<Tag> = LABELS.lines().collect();
        let tags = numbers.take((WIDTH + 1) * labels.len());
        Self { mixer, encoders, tags, labels }
    }

    /// The sum of four rows of each table, mixed.
    fn embed(&self, token: &Features, multiply: Multiply) -> Unit {
        let mut x = [[0.0; WIDTH]; ROWS.len()];
        let mut table = 0;
        for (column, out) in x.iter_mut().enumerate() {
            for key in keys(token[column], SEEDS[column]) {
                let row = table + key as usize % ROWS[column];
                for (value, half) in out.iter_mut().zip(halves(row * WIDTH, WIDTH)) {
                    *value += half;
                }
            }
            table += ROWS[column];
        }
        let mut scratch = Scratch::default();
        self.mixer.apply(x.as_flattened(), 0, 1, &mut scratch, multiply);
        scratch.units[0]
    }

    fn best(&self, row: &Unit) -> Tag {
        let count = self.labels.len();
        let (weights, bias) = self.tags.split_at(WIDTH * count);
        let mut scores = bias.to_vec();
        for (value, weights) in row.iter().zip(weights.chunks_exact(count)) {
            for (score, weight) in scores.iter_mut().zip(weights) {
                *score += value * weight;
            }
        }
        let best = (1..count).fold(0, |best, i| if scores[i] > scores[best] { i } else { best });
        self.labels[best]
    }
}

impl Maxout {
    fn unpack(numbers: &mut Numbers, inputs: usize) -> Self {
        let weights = numbers.take(inputs * WIDTH * PIECES);
        let dense = Dense::new(&weights, numbers.take(WIDTH * PIECES));
        Self { dense, gain: numbers.take(WIDTH), bias: numbers.take(WIDTH) }
    }

    /// Writes `rows` normalised units to `scratch.units`.
    fn apply(&self, x: &[f32], stride: usize, rows: usize, scratch: &mut Scratch, multiply: Multiply) {
        scratch.pieces.resize(rows * self.dense.outputs(), 0.0);
        multiply(&self.dense, x, stride, rows, &mut scratch.pieces);
        scratch.units.clear();
        scratch.units.extend(scratch.pieces.chunks_exact(WIDTH * PIECES).take(rows).map(|pieces| {
            let mut unit: Unit =
                std::array::from_fn(|i| pieces[i].max(pieces[WIDTH + i]).max(pieces[2 * WIDTH + i]));
            self.normalise(&mut unit);
            unit
        }));
    }

    fn normalise(&self, unit: &mut Unit) {
        let mean = unit.iter().sum::<f32>() / WIDTH as f32;
        let variance = unit.iter().map(|v| (v - mean) * (v - mean)).sum::<f32>() / WIDTH as f32;
        let scale = 1.0 / (variance + EPSILON).sqrt();
        for (value, (gain, bias)) in unit.iter_mut().zip(self.gain.iter().zip(&self.bias)) {
            *value = (*value - mean) * scale * gain + bias;
        }
    }
}

/// Walks through [`WEIGHTS`].
struct Numbers {
    at: usize,
}

impl Numbers {
    fn take(&mut self, count: usize) -> Vec<f32> {
        self.at += count;
        halves(self.at - count, count).collect()
    }
}

/// `count` of the weights from the one at `start` on.
fn halves(start: usize, count: usize) -> impl Iterator<Item = f32> {
    WEIGHTS[2 * start..2 * (start + count)]
        .as_chunks()
        .0
        .iter()
        .map(|&bytes| from_half(u16::from_le_bytes(bytes)))
}

/// A finite number of IEEE 754's half precision: its exponent moved to where single precision has it.
fn from_half(half: u16) -> f32 {
    const REBIAS: f32 = f32::from_bits((127 + 127 - 15) << 23);
    let magnitude = f32::from_bits(u32::from(half & 0x7fff) << 13) * REBIAS;
    f32::from_bits(magnitude.to_bits() | u32::from(half & 0x8000) << 16)
}

/// The four rows that a feature stands for, modulo the table's length.
///
/// `MurmurHash3_x86_128` (Appleby, public domain) of the eight bytes, as thinc's `NumpyOps.hash` specialises it.
fn keys(feature: u64, seed: u64) -> [u32; 4] {
    let finish = |mut h: u64| {
        h ^= h >> 33;
        h = h.wrapping_mul(0xff51_afd7_ed55_8ccd);
        h ^= h >> 33;
        h = h.wrapping_mul(0xc4ce_b9fe_1a85_ec53);
        h ^ h >> 33
    };
    let block =
        feature.wrapping_mul(0x87c3_7b91_1142_53d5).rotate_left(31).wrapping_mul(0x4cf5_ad43_2745_937f);
    let length = 8;
    let first = (block ^ seed ^ length).wrapping_add(seed ^ length);
    let second = (seed ^ length).wrapping_add(first);
    let (first, second) = (finish(first), finish(second));
    let first = first.wrapping_add(second);
    let second = second.wrapping_add(first);
    [first as u32, (first >> 32) as u32, second as u32, (second >> 32) as u32]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::english::chunk::Chunker;

    fn features(sentence: &str) -> Vec<Features> {
        let chunker = Chunker::new();
        let words: Vec<&str> = sentence.split(' ').collect();
        let mut features = Vec::new();
        for (i, word) in words.iter().enumerate() {
            let pieces = chunker.pieces(word);
            for (j, piece) in pieces.iter().enumerate() {
                features.push(piece.features(j + 1 == pieces.len() && i + 1 < words.len()));
            }
        }
        features
    }

    #[test]
    fn a_sentence_is_tagged_as_spacy_tags_it() {
        let tags = Tagger::new().tag(&features("They refuse to permit us to obtain the refuse permit."));
        assert_eq!(tags, ["PRP", "VBP", "TO", "VB", "PRP", "TO", "VB", "DT", "NN", "NN", "."]);
    }

    #[test]
    fn the_fast_path_and_the_plain_one_agree_on_every_tag() {
        let (fast, plain) = (Tagger::new(), Tagger::new());
        let plainly: Multiply = Dense::multiply::<false>;
        for sentence in [
            "He wound the bandage around the wound, didn't he?",
            "Dr. Smith paid $3.50 for 24-bit cards in the U.S. on Jan. 5th!",
            "a",
            "The quick brown fox jumps over the lazy dog while NASA's engineers live in Houston (Texas).",
        ] {
            let features = features(sentence);
            assert_eq!(fast.tag(&features), plain.tag_by(&features, plainly), "{sentence}");
        }
    }

    #[test]
    fn no_token_gives_no_tag() {
        assert!(Tagger::new().tag(&[]).is_empty());
    }

    #[test]
    fn half_precision_is_read_exactly() {
        let halves = [0x3c00, 0xc000, 0x0001, 0x7bff, 0x0000];
        assert_eq!(halves.map(from_half), [1.0, -2.0, 2.0_f32.powi(-24), 65504.0, 0.0]);
    }
}
