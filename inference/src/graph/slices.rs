//! Large convolutions in slices of their outputs, so that a run can be ended between them.
//!
//! The runtime looks at its interrupt between nodes. The decoder's convolutions take up to 15 ms each for a sentence of
//! five seconds on one thread of an AVX-512 machine; in six slices each is done within 3 ms, and together they take three in
//! a hundred more. Every output is summed up as before, so nothing else changes, not even in its last digit.

use std::collections::HashMap;

use super::onnx::{AttributeProto, GraphProto, NodeProto, TensorProto};
use super::wiring::rewrite_behind;

/// The most weights of a slice, but for [`STEP`].
const MOST: usize = 1 << 19;
/// What the outputs of a slice are a multiple of: rows that the runtime's kernels take at once.
const STEP: usize = 16;

/// Slices every convolution that depends on `from` and has more weights than a slice; tells how many.
pub(super) fn slice(graph: &mut GraphProto, from: &str) -> usize {
    rewrite_behind(graph, from, |node, constants, tensors| {
        Large::of(node, constants).map(|large| large.nodes(tensors))
    })
}

/// A convolution that is worth it.
struct Large<'a> {
    node: &'a NodeProto,
    dims: &'a [i64],
    weights: Vec<f32>,
    bias: Option<Vec<f32>>,
    outputs: usize,
}

impl<'a> Large<'a> {
    fn of(node: &'a NodeProto, constants: &HashMap<&str, &'a TensorProto>) -> Option<Self> {
        let constant = |slot: usize| constants.get(node.input.get(slot)?.as_str()).copied();
        let weight = constant(1).filter(|_| node.op() == "Conv")?;
        let groups = node.attribute("group").and_then(|group| group.i).unwrap_or(1);
        let outputs = usize::try_from(*weight.dims.first()?).ok().filter(|_| groups == 1)?;
        let weights = weight.to_floats()?;
        let bias = match node.input.get(2).map(String::as_str) {
            None | Some("") => None,
            Some(_) => Some(constant(2)?.to_floats().filter(|bias| bias.len() == outputs)?),
        };
        let fits = weights.len() > MOST && outputs > STEP && weights.len().is_multiple_of(outputs);
        fits.then_some(Self { node, dims: &weight.dims, weights, bias, outputs })
    }

    fn nodes(&self, tensors: &mut HashMap<String, TensorProto>) -> Vec<NodeProto> {
        let Self { node, outputs, .. } = *self;
        let per_output = self.weights.len() / outputs;
        let length = outputs.div_ceil(self.weights.len().div_ceil(MOST)).next_multiple_of(STEP);
        let output = node.output.first().map_or("", String::as_str);
        let weights = self.weights.chunks(length * per_output);
        let mut biases = self.bias.iter().flat_map(|bias| bias.chunks(length));
        let mut nodes: Vec<NodeProto> = Vec::new();
        for (index, weights) in weights.enumerate() {
            let part = format!("{output}/slice {index}");
            let dims = [&[(weights.len() / per_output) as i64], &self.dims[1..]].concat();
            let (mut inputs, name) = (node.input.clone(), format!("{part}/weights"));
            inputs[1].clone_from(&name);
            tensors.insert(name.clone(), TensorProto::floats(name, dims, weights));
            if let Some(bias) = biases.next() {
                let name = format!("{part}/bias");
                inputs[2].clone_from(&name);
                tensors.insert(name.clone(), TensorProto::floats(name, vec![bias.len() as i64], bias));
            }
            let (name, output) = (Some(part.clone()), vec![part]);
            nodes.push(NodeProto { name, input: inputs, output, ..node.clone() });
        }
        let parts: Vec<&str> = nodes.iter().flat_map(|node| &node.output).map(String::as_str).collect();
        let whole = NodeProto::of("Concat", &parts, output).with(AttributeProto::integer("axis", 1));
        nodes.push(whole);
        nodes
    }
}

#[cfg(test)]
mod tests {
    use super::super::onnx::ValueInfoProto;
    use super::super::wiring::constants;
    use super::*;

    const INPUTS: usize = 1024;

    /// A convolution of `outputs` outputs over `x`, with a bias.
    fn graph(outputs: usize) -> GraphProto {
        let weights: Vec<f32> = (0..outputs * INPUTS * 3).map(|i| (i / (INPUTS * 3)) as f32).collect();
        let bias: Vec<f32> = (0..outputs).map(|output| -(output as f32)).collect();
        GraphProto {
            node: vec![
                NodeProto::of("Conv", &["x", "w", "b"], "y").with(AttributeProto::integers("pads", &[1, 1])),
            ],
            initializer: vec![
                TensorProto::floats("w".into(), vec![outputs as i64, INPUTS as i64, 3], &weights),
                TensorProto::floats("b".into(), vec![outputs as i64], &bias),
            ],
            input: vec![ValueInfoProto::named("x")],
            output: vec![ValueInfoProto::named("y")],
            ..GraphProto::default()
        }
    }

    #[test]
    fn a_large_convolution_is_cut_into_slices_that_hold_each_output_once_and_in_order() {
        for outputs in [1024, 1000] {
            let mut graph = graph(outputs);
            assert_eq!(slice(&mut graph, "x"), 1);
            let (whole, slices) = graph.node.split_last().unwrap();
            assert_eq!(
                (whole.op(), whole.output.as_slice(), slices.len()),
                ("Concat", &["y".to_owned()][..], 6)
            );
            let constants = constants(&graph);
            let values =
                |node: &NodeProto, slot: usize| constants[node.input[slot].as_str()].to_floats().unwrap();
            for (node, name) in slices.iter().zip(&whole.input) {
                assert_eq!((node.op(), &node.output[0], &node.input[0]), ("Conv", name, &"x".to_owned()));
                assert_eq!(node.attribute("pads").unwrap().ints, [1, 1]);
                assert!(values(node, 1).len() < MOST + STEP * INPUTS * 3);
                let dims = &constants[node.input[1].as_str()].dims;
                assert_eq!(dims, &[values(node, 2).len() as i64, INPUTS as i64, 3]);
            }
            let all = |slot: usize| slices.iter().flat_map(|node| values(node, slot)).collect::<Vec<f32>>();
            assert_eq!(all(2), (0..outputs).map(|output| -(output as f32)).collect::<Vec<f32>>());
            let every = all(1).chunks(INPUTS * 3).map(|weights| weights[0]).collect::<Vec<f32>>();
            assert_eq!(every, (0..outputs).map(|output| output as f32).collect::<Vec<f32>>());
            assert_eq!(graph.initializer.len(), 12, "what is sliced is not kept whole");
        }
    }

    #[test]
    fn small_ones_and_those_that_depend_on_something_else_stay_whole() {
        let mut small = graph(160);
        assert_eq!((slice(&mut small, "x"), small == graph(160)), (0, true));
        assert_eq!(slice(&mut graph(1024), "z"), 0);
        let mut grouped = graph(1024);
        grouped.node[0].attribute.push(AttributeProto::integer("group", 2));
        assert_eq!(slice(&mut grouped, "x"), 0);
    }
}
