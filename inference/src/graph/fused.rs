//! The float graph in fewer and cheaper nodes, standard operators only.

use super::controls::PITCH;
use super::onnx::GraphProto;
use super::{GraphError, norms, snakes, tiles};

/// What [`fuse`](super::fuse) did to a graph.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FuseReport {
    /// Adaptive instance normalisations written as one node.
    pub norms: usize,
    /// Snake activations without their scalings.
    pub snakes: usize,
    /// Convolutions in tiles.
    pub tiled: usize,
    /// Nodes of the graph before.
    pub nodes_before: usize,
    /// Nodes of the graph after.
    pub nodes_after: usize,
}

/// Rewrites `graph` in place, behind the pitch curve only.
///
/// What stands before it stays bit by bit: the harmonic source sums the curve up over the whole fragment, so that a
/// difference in its last digit shifts the phase of everything that follows.
pub(super) fn fuse(graph: &mut GraphProto) -> Result<FuseReport, GraphError> {
    let nodes_before = graph.node.len();
    let norms = norms::fuse(graph, PITCH);
    let snakes = snakes::simplify(graph, PITCH);
    let tiled = tiles::rewrite(graph, PITCH);
    if norms + snakes + tiled == 0 {
        return Err(GraphError::NothingToFuse);
    }
    Ok(FuseReport { norms, snakes, tiled, nodes_before, nodes_after: graph.node.len() })
}
