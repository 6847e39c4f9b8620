//! Reads a graph backwards, from what a node makes to what it was made from.
//!
//! What is not as expected is an error that names the node and the expectation.

use std::collections::HashMap;

use super::GraphError;
use super::onnx::{GraphProto, NodeProto, TensorProto};
use super::wiring::Wiring;

/// The graph as it is, to look patterns up in.
pub(super) struct Site<'a> {
    pub(super) graph: &'a GraphProto,
    pub(super) wiring: &'a Wiring,
    pub(super) constants: &'a HashMap<&'a str, &'a TensorProto>,
}

impl<'a> Site<'a> {
    /// The constant of these sizes that `node` takes.
    pub(super) fn weight(&self, node: &NodeProto, slot: usize, dims: &[i64]) -> Result<Vec<f32>, GraphError> {
        let values =
            self.constant(node, slot).filter(|tensor| tensor.dims == dims).and_then(TensorProto::to_floats);
        let whole = values.filter(|values| values.len() as i64 == dims.iter().product::<i64>());
        whole.ok_or_else(|| wrong(node, "its weights are constants of the sizes of Kokoro's generator"))
    }

    /// The constant that `node` takes there.
    pub(super) fn constant(&self, node: &NodeProto, slot: usize) -> Option<&'a TensorProto> {
        self.constants.get(node.input.get(slot)?.as_str()).copied()
    }

    /// The constant integers that `node` takes.
    pub(super) fn integers_at(&self, node: &NodeProto, slot: usize) -> Option<Vec<i64>> {
        self.constant(node, slot).and_then(TensorProto::to_integers)
    }

    /// Sees that `node`, which takes its two inputs in any order, takes the constant `value`.
    pub(super) fn number(
        &self,
        node: &NodeProto,
        value: f32,
        expected: &'static str,
    ) -> Result<(), GraphError> {
        self.number_at(node, 0, value, expected).or_else(|_| self.number_at(node, 1, value, expected))
    }

    /// Sees that `node` takes the constant `value` as this input.
    pub(super) fn number_at(
        &self,
        node: &NodeProto,
        slot: usize,
        value: f32,
        expected: &'static str,
    ) -> Result<(), GraphError> {
        let values = self.constant(node, slot).and_then(TensorProto::to_floats);
        if values.is_some_and(|values| values == [value]) { Ok(()) } else { Err(wrong(node, expected)) }
    }

    /// What the product at `node` multiplies, and the constant of these sizes that it multiplies by.
    pub(super) fn by_constant(
        &self,
        node: &'a NodeProto,
        dims: &[i64],
        expected: &'static str,
    ) -> Result<(&'a str, Vec<f32>), GraphError> {
        let slot = node.input.iter().position(|input| self.constants.contains_key(input.as_str()));
        match (slot, self.dynamic(node)) {
            (Some(slot), Some(tensor)) => Ok((tensor, self.weight(node, slot, dims)?)),
            _ => Err(wrong(node, expected)),
        }
    }

    /// The first input of `node` that is no constant.
    pub(super) fn dynamic(&self, node: &'a NodeProto) -> Option<&'a str> {
        node.input.iter().map(String::as_str).find(|input| !self.constants.contains_key(input))
    }

    /// The input of `node` that a node of kind `op` makes, and the other one.
    pub(super) fn either(
        &self,
        node: &'a NodeProto,
        op: &str,
        expected: &'static str,
    ) -> Result<(&'a NodeProto, &'a str), GraphError> {
        let [a, b] = node.input.as_slice() else { return Err(wrong(node, expected)) };
        let made = |tensor: &str| self.maker(tensor).filter(|maker| maker.op() == op);
        match (made(a), made(b)) {
            (Some(maker), _) => Ok((maker, b)),
            (_, Some(maker)) => Ok((maker, a)),
            _ => Err(wrong(node, expected)),
        }
    }

    /// The tensor that is reached from `tensor` backwards through nodes of these kinds, by the first input of each.
    pub(super) fn back(
        &self,
        tensor: &str,
        ops: &[&str],
        expected: &'static str,
    ) -> Result<&'a str, GraphError> {
        let mut from = None;
        for op in ops {
            let node = self.made(from.unwrap_or(tensor), op, expected)?;
            from = node.input.first().map(String::as_str);
        }
        from.ok_or_else(|| self.pattern(tensor, expected))
    }

    /// The node of kind `op` that makes `tensor`.
    pub(super) fn made(
        &self,
        tensor: &str,
        op: &str,
        expected: &'static str,
    ) -> Result<&'a NodeProto, GraphError> {
        let maker = self.maker(tensor).filter(|node| node.op() == op && !node.input.is_empty());
        maker.ok_or_else(|| self.pattern(tensor, expected))
    }

    /// The node that makes `tensor`; `None` for constants and inputs.
    pub(super) fn maker(&self, tensor: &str) -> Option<&'a NodeProto> {
        self.wiring.maker(tensor).map(|index| &self.graph.node[index])
    }

    /// What is made at `tensor` is not as `expected`.
    pub(super) fn pattern(&self, tensor: &str, expected: &'static str) -> GraphError {
        let node = self.maker(tensor).map_or_else(|| tensor.to_owned(), NodeProto::label);
        GraphError::Pattern { node, expected }
    }
}

/// `node` is not as `expected`.
pub(super) fn wrong(node: &NodeProto, expected: &'static str) -> GraphError {
    GraphError::Pattern { node: node.label(), expected }
}

/// The tensor that `node` takes there.
pub(super) fn input<'n>(
    node: &'n NodeProto,
    slot: usize,
    expected: &'static str,
) -> Result<&'n str, GraphError> {
    node.input.get(slot).map(String::as_str).ok_or_else(|| wrong(node, expected))
}

/// The integer that `node` has as this attribute.
pub(super) fn integer(node: &NodeProto, attribute: &str) -> Option<i64> {
    node.attribute(attribute).and_then(|attribute| attribute.i)
}

/// The text that `node` has as this attribute.
pub(super) fn text<'n>(node: &'n NodeProto, attribute: &str) -> Option<&'n str> {
    str::from_utf8(node.attribute(attribute)?.s.as_deref()?).ok()
}

/// Whether the convolution at `node` has one group, and says itself what is at its ends.
pub(super) fn is_ungrouped(node: &NodeProto) -> bool {
    integer(node, "group").unwrap_or(1) == 1 && text(node, "auto_pad").unwrap_or("NOTSET") == "NOTSET"
}

/// Sees that the transposed convolution at `node` is ungrouped and undilated, cuts `ends` rows off at each end, and puts
/// none behind them.
pub(super) fn plain_transposed(
    node: &NodeProto,
    ends: usize,
    expected: &'static str,
) -> Result<(), GraphError> {
    let nothing = |name| integers(node, name).iter().all(|&rows| rows == 0);
    let undilated = integers(node, "dilations").iter().all(|&dilation| dilation == 1);
    let pads = integers(node, "pads");
    let cut = if pads.is_empty() { ends == 0 } else { pads == [ends as i64; 2] };
    if cut && undilated && nothing("output_padding") && nothing("output_shape") && is_ungrouped(node) {
        Ok(())
    } else {
        Err(wrong(node, expected))
    }
}

/// The list of integers that `node` has as this attribute; empty where it has none.
pub(super) fn integers<'n>(node: &'n NodeProto, attribute: &str) -> &'n [i64] {
    node.attribute(attribute).map_or(&[], |attribute| attribute.ints.as_slice())
}
