//! The forward pass: letters in, symbols out, all of a word at once.
//!
//! Four layers of attention and feed-forward with the normalisation before each (Xiong et al. 2020, "On Layer
//! Normalization in the Transformer Architecture"), a learned place for every letter, and for every letter a few
//! slots, each with a symbol or a blank.

use super::initialisers::{Initialisers, Tensor};
use super::matrix::Matrix;

/// Attention heads; the file tells it in its nodes only.
const HEADS: usize = 4;
/// Source: `epsilon` of the file's `LayerNormalization` nodes.
const EPSILON: f32 = 1e-5;

#[derive(Debug)]
struct Norm {
    weight: Vec<f32>,
    bias: Vec<f32>,
}

#[derive(Debug)]
struct Linear {
    matrix: Matrix,
    bias: Vec<f32>,
}

#[derive(Debug)]
struct Layer {
    before_attention: Norm,
    queries_keys_values: Linear,
    attended: Linear,
    before_feed_forward: Norm,
    widen: Linear,
    narrow: Linear,
}

/// What a net must fit: the letters it knows, the symbols it makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shape {
    /// Letters, without the pad.
    pub(super) letters: usize,
    /// Symbols, without the blank.
    pub(super) symbols: usize,
    /// Symbols or blanks made of each letter.
    pub(super) slots: usize,
    /// The longest word, in letters.
    pub(super) longest: usize,
}

/// The weights, ready for use.
#[derive(Debug)]
pub(super) struct Transformer {
    width: usize,
    shape: Shape,
    letters: Vec<f32>,
    places: Vec<f32>,
    layers: Vec<Layer>,
    last: Norm,
    head: Linear,
}

impl Transformer {
    /// Takes the weights out of `file`.
    ///
    /// Biases and norms have names; the matrices stand in the order in which they are used.
    ///
    /// # Errors
    ///
    /// Says what is missing or has another shape.
    pub(super) fn new(file: &Initialisers, shape: Shape) -> Result<Self, String> {
        let width = dims(file, "m.pos")?.get(1).copied().unwrap_or(0);
        if width == 0 || !width.is_multiple_of(HEADS) {
            return Err(format!("its width is {width}"));
        }
        let places = values(file, "m.pos", &[shape.longest, width])?;
        let letters = values(file, "m.emb.weight", &[shape.letters + 1, width])?;
        let mut matrices = Matrices { file, tensors: Box::new(file.iter().filter(|t| is_matrix(t))) };
        let mut layers = Vec::new();
        while file.get(&format!("m.layers.{}.norm1.weight", layers.len())).is_some() {
            let name = |part: &str| format!("m.layers.{}.{part}", layers.len());
            let inner = dims(file, &name("linear1.bias"))?.first().copied().unwrap_or(0);
            layers.push(Layer {
                before_attention: norm(file, &name("norm1"), width)?,
                queries_keys_values: matrices.next(&name("self_attn.in_proj_bias"), width, 3 * width)?,
                attended: matrices.next(&name("self_attn.out_proj.bias"), width, width)?,
                before_feed_forward: norm(file, &name("norm2"), width)?,
                widen: matrices.next(&name("linear1.bias"), width, inner)?,
                narrow: matrices.next(&name("linear2.bias"), inner, width)?,
            });
        }
        let last = norm(file, "m.norm", width)?;
        let head = matrices.next("m.head.bias", width, shape.slots * (shape.symbols + 1))?;
        Ok(Self { width, shape, letters, places, layers, last, head })
    }

    /// The most likely symbol of every slot, 0 for a blank.
    ///
    /// Letters are counted from 1, and are at most as many as [`Shape::longest`].
    pub(super) fn slots(&self, letters: &[usize]) -> Vec<usize> {
        let mut x: Vec<f32> = letters
            .iter()
            .flat_map(|&letter| &self.letters[letter * self.width..][..self.width])
            .zip(&self.places)
            .map(|(letter, place)| letter + place)
            .collect();
        for layer in &self.layers {
            let normal = layer.before_attention.apply(&x);
            let attended = self.attend(&layer.queries_keys_values.apply(&normal));
            add(&mut x, &layer.attended.apply(&attended));
            let normal = layer.before_feed_forward.apply(&x);
            let mut wide = layer.widen.apply(&normal);
            for v in &mut wide {
                *v = gelu(*v);
            }
            add(&mut x, &layer.narrow.apply(&wide));
        }
        let scores = self.head.apply(&self.last.apply(&x));
        scores.chunks_exact(self.shape.symbols + 1).map(best).collect()
    }

    /// Scaled dot-product attention of every head (Vaswani et al. 2017, section 3.2.1); `[letters, 3 * width]` in,
    /// `[letters, width]` out.
    fn attend(&self, queries_keys_values: &[f32]) -> Vec<f32> {
        let (width, head_width) = (self.width, self.width / HEADS);
        let letters = queries_keys_values.len() / (3 * width);
        let part = |letter: usize, which: usize, head: usize| {
            &queries_keys_values[(3 * letter + which) * width + head * head_width..][..head_width]
        };
        let root = (head_width as f32).sqrt();
        let mut out = vec![0.0; letters * width];
        let mut weights = vec![0.0; letters];
        for head in 0..HEADS {
            for letter in 0..letters {
                let query = part(letter, 0, head);
                for (other, weight) in weights.iter_mut().enumerate() {
                    *weight = dot(query, part(other, 1, head)) / root;
                }
                softmax(&mut weights);
                let out = &mut out[letter * width + head * head_width..][..head_width];
                for (other, weight) in weights.iter().enumerate() {
                    out.iter_mut().zip(part(other, 2, head)).for_each(|(out, value)| *out += weight * value);
                }
            }
        }
        out
    }
}

impl Norm {
    fn apply(&self, x: &[f32]) -> Vec<f32> {
        let width = self.weight.len();
        let mut out = Vec::with_capacity(x.len());
        for row in x.chunks_exact(width) {
            let mean = row.iter().sum::<f32>() / width as f32;
            let variance = row.iter().map(|v| (v - mean) * (v - mean)).sum::<f32>() / width as f32;
            let factor = 1.0 / (variance + EPSILON).sqrt();
            let normal = |((v, weight), bias): ((&f32, &f32), &f32)| (v - mean) * factor * weight + bias;
            out.extend(row.iter().zip(&self.weight).zip(&self.bias).map(normal));
        }
        out
    }
}

impl Linear {
    fn apply(&self, x: &[f32]) -> Vec<f32> {
        self.matrix.apply(x, &self.bias)
    }
}

fn add(x: &mut [f32], more: &[f32]) {
    x.iter_mut().zip(more).for_each(|(x, more)| *x += more);
}

fn dot(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn softmax(scores: &mut [f32]) {
    let greatest = scores.iter().copied().fold(f32::MIN, f32::max);
    let mut sum = 0.0;
    for score in &mut *scores {
        *score = (*score - greatest).exp();
        sum += *score;
    }
    for score in scores {
        *score /= sum;
    }
}

/// The first of the greatest.
fn best(scores: &[f32]) -> usize {
    (0..scores.len()).fold(0, |best, i| if scores[i] > scores[best] { i } else { best })
}

/// Hendrycks and Gimpel 2016, "Gaussian Error Linear Units", the exact form.
fn gelu(x: f32) -> f32 {
    0.5 * x * (1.0 + erf(x * std::f32::consts::FRAC_1_SQRT_2))
}

/// The error function to 5e-7: an odd rational function of degrees 13 and 8, the limits of whose range are ±4.
///
/// Source of the coefficients: `generic_fast_erf_float` of the library Eigen 3.3.
fn erf(x: f32) -> f32 {
    let x = x.clamp(-4.0, 4.0);
    let s = x * x;
    let p = -2.726_142_3e-10_f32;
    let p = p * s + 2.770_681_4e-8;
    let p = p * s - 2.101_024e-6;
    let p = p * s - 5.692_506_4e-5;
    let p = p * s - 7.349_906e-4;
    let p = p * s - 2.954_6e-3;
    let p = p * s - 1.609_603_3e-2;
    let q = -1.456_607_2e-5_f32;
    let q = q * s - 2.133_740_6e-4;
    let q = q * s - 1.682_827e-3;
    let q = q * s - 7.373_329e-3;
    let q = q * s - 1.426_473_9e-2;
    x * p / q
}

/// The matrices of a file, one after another.
struct Matrices<'a> {
    file: &'a Initialisers,
    tensors: Box<dyn Iterator<Item = &'a Tensor> + 'a>,
}

/// Whether the tensor is multiplied by, as its exported name tells.
fn is_matrix(tensor: &Tensor) -> bool {
    tensor.dims.len() == 2 && tensor.name.starts_with("onnx::MatMul_")
}

impl Matrices<'_> {
    /// The next matrix, which is `[inputs, outputs]`, with the bias that is called `bias`.
    fn next(&mut self, bias: &str, inputs: usize, outputs: usize) -> Result<Linear, String> {
        let tensor = self.tensors.next().ok_or_else(|| format!("no matrix goes with {bias}"))?;
        if tensor.dims != [inputs, outputs] {
            return Err(format!("{} is {:?}, not [{inputs}, {outputs}]", tensor.name, tensor.dims));
        }
        let scale = match tensor.name.strip_suffix("_quantized") {
            Some(name) => Some(values(self.file, &format!("{name}_scale"), &[])?[0]),
            None => None,
        };
        let matrix = Matrix::new(inputs, outputs, &tensor.values, scale);
        Ok(Linear { matrix, bias: values(self.file, bias, &[outputs])? })
    }
}

fn norm(file: &Initialisers, name: &str, width: usize) -> Result<Norm, String> {
    let weight = values(file, &format!("{name}.weight"), &[width])?;
    let bias = values(file, &format!("{name}.bias"), &[width])?;
    Ok(Norm { weight, bias })
}

fn dims<'a>(file: &'a Initialisers, name: &str) -> Result<&'a [usize], String> {
    file.get(name).map(|tensor| tensor.dims.as_slice()).ok_or_else(|| format!("it has no {name}"))
}

fn values(file: &Initialisers, name: &str, expected: &[usize]) -> Result<Vec<f32>, String> {
    let tensor = file.get(name).ok_or_else(|| format!("it has no {name}"))?;
    if tensor.dims != expected {
        return Err(format!("{name} is {:?}, not {expected:?}", tensor.dims));
    }
    Ok(tensor.values.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The Maclaurin series, in double precision.
    fn series(x: f64) -> f64 {
        let mut term = x;
        let mut sum = x;
        for n in 1..200 {
            term *= -x * x / n as f64;
            sum += term / (2 * n + 1) as f64;
        }
        sum * std::f64::consts::FRAC_2_SQRT_PI
    }

    #[test]
    fn the_error_function_is_that_of_its_series() {
        for step in -400..=400 {
            let x = step as f32 / 100.0;
            assert!((f64::from(erf(x)) - series(f64::from(x))).abs() < 5e-7, "{x}");
        }
        assert!((erf(20.0) - 1.0).abs() < 5e-7);
        assert_eq!(erf(0.0), 0.0);
    }

    #[test]
    fn a_softmax_sums_to_one_whatever_the_scores() {
        let mut scores = [1000.0, 1001.0, -1000.0];
        softmax(&mut scores);
        assert!((scores.iter().sum::<f32>() - 1.0).abs() < 1e-6);
        assert!(scores[1] > scores[0] && scores[2] == 0.0);
    }

    #[test]
    fn a_norm_gives_mean_zero_and_variance_one() {
        let norm = Norm { weight: vec![1.0; 4], bias: vec![0.0; 4] };
        let out = norm.apply(&[1.0, 2.0, 3.0, 4.0]);
        assert!(out.iter().sum::<f32>().abs() < 1e-6);
        assert!((out.iter().map(|v| v * v).sum::<f32>() / 4.0 - 1.0).abs() < 1e-4);
    }

    #[test]
    fn the_first_of_the_greatest_is_best() {
        assert_eq!(best(&[0.0, 2.0, 2.0]), 1);
    }
}
