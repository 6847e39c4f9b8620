//! Rewrites of the published model graphs: protobuf in, protobuf out, found by pattern and never by name.
//!
//! Pure functions: no file is touched and no runtime is needed, except by [`agreement`], which runs two graphs to
//! see that they speak alike.

pub mod agreement;
mod backwards;
mod controls;
mod cut;
mod durations;
mod float;
mod fused;
mod generator;
pub(crate) mod mel;
mod norms;
mod onnx;
mod slices;
mod snakes;
pub(crate) mod spectra;
#[cfg(test)]
mod spelled;
mod tiles;
mod transforms;
mod weights;
mod wiring;

pub use controls::{ENERGY, PITCH};
pub use cut::{HIDDEN, SOURCE, STYLE};
pub use durations::DURATIONS;
pub use fused::FuseReport;
use prost::Message;
pub use weights::{Bits, Part};

use crate::generator::{GeneratorWeights, WeightsError};

/// What [`rebuild_float`] did to a graph.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RewriteReport {
    /// Integer convolutions turned back.
    pub convolutions: usize,
    /// Integer matrix products turned back.
    pub products: usize,
    /// Quantised LSTM layers turned back.
    pub lstms: usize,
    /// Nodes of the graph before.
    pub nodes_before: usize,
    /// Nodes of the graph after.
    pub nodes_after: usize,
}

/// What [`shrink_weights`] did to a graph.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WeightReport {
    /// Weights kept in fewer bits.
    pub weights: usize,
    /// Those of them that come back bit by bit.
    pub exact: usize,
}

/// A graph that is not as a rewrite needs it. The file is another export than the rewrite was written for.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GraphError {
    /// The bytes are damaged, or no ONNX model.
    #[error("not an ONNX model: {0}")]
    Decode(#[from] prost::DecodeError),
    /// A model without a graph.
    #[error("the model has no graph")]
    NoGraph,
    /// An integer node stands in surroundings that the rewrite does not know.
    #[error("{node}: {expected}")]
    Pattern {
        /// The node.
        node: String,
        /// What the rewrite looked for.
        expected: &'static str,
    },
    /// An integer node is left after the rewrite.
    #[error("{node} is still an integer node")]
    IntegerNodeLeft {
        /// The node.
        node: String,
    },
    /// Not exactly one place looks like the end of the duration predictor.
    #[error("{found} places look like the duration predictor, not one")]
    Durations {
        /// How many do.
        found: usize,
    },
    /// Not exactly one place looks like a curve that is to be scaled.
    #[error("{found} places look like the {curve} curve, not one")]
    Curve {
        /// `pitch` or `energy`.
        curve: &'static str,
        /// How many do.
        found: usize,
    },
    /// Nothing that could be fused depends on the pitch: not a float graph with its controls.
    #[error("there is nothing to fuse behind the pitch curve")]
    NothingToFuse,
    /// Not exactly one place looks like the generator's inverse transform.
    #[error("{found} places look like the generator's inverse transform, not one")]
    Generator {
        /// How many do.
        found: usize,
    },
    /// The generator's weights do not fit it, or are no numbers.
    #[error(transparent)]
    Weights(#[from] WeightsError),
    /// No constant is large enough to be kept in fewer bits.
    #[error("the graph has no weights in float to keep in fewer bits")]
    NoWeights,
    /// A node stands before one that it takes its input from, or twice.
    #[error("the graph is not in topological order at {node}")]
    Order {
        /// The node.
        node: String,
    },
}

/// Rebuilds the float graph from an int8 export, and does what [`instrument`] does.
///
/// ONNX Runtime's CPU provider runs the float graph at three to four times the speed of the export, whose integer
/// convolutions it does not vectorise. Needs memory for about two float graphs.
///
/// # Errors
/// The graph is not an export of the known kind.
pub fn rebuild_float(int8: &[u8]) -> Result<(Vec<u8>, RewriteReport), GraphError> {
    let mut model = onnx::ModelProto::decode(int8)?;
    let graph = model.graph.as_mut().ok_or(GraphError::NoGraph)?;
    let report = float::rebuild(graph)?;
    durations::expose(graph)?;
    controls::add(graph)?;
    wiring::check_order(graph)?;
    Ok((model.encode_to_vec(), report))
}

/// Adds the token durations to a graph as an output named [`DURATIONS`], and pitch and energy as inputs named
/// [`PITCH`] and [`ENERGY`], and changes nothing else: with both at 1, every other output stays as it was.
///
/// # Errors
/// The bytes are no model, or the model has no duration predictor or no curves that can be told from the rest.
pub fn instrument(model: &[u8]) -> Result<Vec<u8>, GraphError> {
    let mut model = onnx::ModelProto::decode(model)?;
    let graph = model.graph.as_mut().ok_or(GraphError::NoGraph)?;
    durations::expose(graph)?;
    controls::add(graph)?;
    Ok(model.encode_to_vec())
}

/// Writes the graph that [`rebuild_float`] made in fewer and cheaper nodes: normalisations fused, Snake activations
/// without their scalings, convolutions in tiles. Standard operators only, opset 15 or later.
///
/// # Errors
/// The graph is not of the known kind.
pub fn fuse(float: &[u8]) -> Result<(Vec<u8>, FuseReport), GraphError> {
    let mut model = onnx::ModelProto::decode(float)?;
    let graph = model.graph.as_mut().ok_or(GraphError::NoGraph)?;
    let report = fused::fuse(graph)?;
    wiring::check_order(graph)?;
    Ok((model.encode_to_vec(), report))
}

/// Cuts the graph that [`rebuild_float`] made before the generator: gives the trunk, a graph with the same inputs, and the
/// generator's weights.
///
/// The trunk gives [`DURATIONS`] as before, and what the generator takes: [`HIDDEN`], [`SOURCE`] and [`STYLE`]. Its large
/// convolutions are cut into slices, so that a run of it can be ended soon.
///
/// # Errors
/// The graph has no generator of the known kind.
pub fn cut(float: &[u8]) -> Result<(Vec<u8>, GeneratorWeights), GraphError> {
    let mut model = onnx::ModelProto::decode(float)?;
    let graph = model.graph.as_mut().ok_or(GraphError::NoGraph)?;
    let weights = cut::cut(graph)?;
    wiring::check_order(graph)?;
    Ok((model.encode_to_vec(), weights))
}

/// Keeps the weights of `part` in fewer bits, with float activations. What takes them takes the same values in eight bits
/// where they were quantised before, nearly the same where they were not, and roughly the same in four.
///
/// # Errors
/// The graph has no such weights.
pub fn shrink_weights(float: &[u8], bits: Bits, part: Part) -> Result<(Vec<u8>, WeightReport), GraphError> {
    let mut model = onnx::ModelProto::decode(float)?;
    let report = weights::shrink(&mut model, bits, part)?;
    Ok((model.encode_to_vec(), report))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cache;

    #[test]
    fn both_published_models_come_through_byte_for_byte() {
        for path in [cache::kokoro_int8(), cache::distilled()].into_iter().flatten() {
            let bytes = std::fs::read(&path).unwrap();
            let model = onnx::ModelProto::decode(bytes.as_slice()).unwrap();
            assert!(model.encode_to_vec() == bytes, "{}", path.display());
        }
    }

    #[test]
    fn both_published_models_have_one_duration_predictor_and_one_curve_of_each_kind() {
        for path in [cache::kokoro_int8(), cache::distilled()].into_iter().flatten() {
            let instrumented = instrument(&std::fs::read(&path).unwrap()).unwrap();
            let graph = onnx::ModelProto::decode(instrumented.as_slice()).unwrap().graph.unwrap();
            assert!(graph.output.iter().any(|output| output.name() == DURATIONS));
            assert!(wiring::check_order(&graph).is_ok());
        }
    }

    #[test]
    fn bytes_that_are_no_model_are_refused() {
        assert!(matches!(rebuild_float(b"not a model"), Err(GraphError::Decode(_))));
        assert!(matches!(rebuild_float(b""), Err(GraphError::NoGraph)));
    }
}
