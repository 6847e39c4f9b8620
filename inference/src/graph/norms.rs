//! Writes an adaptive instance normalisation as one node.
//!
//! An export spells it out: `(x - mean) / sqrt(variance + epsilon) * scale + bias`, each row of a channel on its own,
//! in nine nodes that each walk over the whole tensor. `InstanceNormalization` says the same, walks twice, and takes
//! scale and bias as they come out of the style.
//!
//! Source: operator schemas of ONNX, `InstanceNormalization`-6; "Arbitrary Style Transfer in Real-time with Adaptive
//! Instance Normalization", Huang and Belongie, 2017.

use std::collections::{HashMap, HashSet};

use super::onnx::{AttributeProto, GraphProto, NodeProto, TensorProto};
use super::wiring::{Wiring, constants, dependants, prune, replace};

/// The name of the constant `[-1]`, the shape that flattens.
const FLAT: &str = "shape/flat";

/// Fuses every normalisation over the last axis of `[1, channels, length]` that depends on `from`; tells how many.
pub(super) fn fuse(graph: &mut GraphProto, from: &str) -> usize {
    let depends = dependants(graph, from);
    let mut replacements = HashMap::new();
    {
        let site = Site { graph, wiring: &Wiring::of(graph), constants: &constants(graph) };
        for (index, _) in graph.node.iter().enumerate().filter(|&(index, _)| depends[index]) {
            if let Some((place, nodes)) = site.normalisation(index) {
                replacements.insert(place, nodes);
            }
        }
    }
    let fused = replacements.len();
    if fused > 0 {
        replace(graph, replacements);
        graph.initializer.push(TensorProto::integers(FLAT.into(), &[-1]));
        prune(graph);
    }
    fused
}

struct Site<'a> {
    graph: &'a GraphProto,
    wiring: &'a Wiring,
    constants: &'a HashMap<&'a str, &'a TensorProto>,
}

impl Site<'_> {
    /// What the normalisation that ends its division at `division` becomes, and the place of its last node.
    fn normalisation(&self, division: usize) -> Option<(usize, Vec<NodeProto>)> {
        let node = self.graph.node.get(division).filter(|node| node.op() == "Div")?;
        let centred = self.maker(division, 0, "Sub")?;
        let root = self.maker(division, 1, "Sqrt")?;
        let sum = self.maker(root, 0, "Add")?;
        let variance = self.maker(sum, 0, "ReduceMean")?;
        let mean = self.maker(centred, 1, "ReduceMean")?;
        let x = self.graph.node[centred].input.first()?;
        let over_length = |reduction: usize| {
            let axes = self.constant(&self.graph.node[reduction], 1).and_then(TensorProto::to_integers);
            axes.is_some_and(|axes| axes == [2])
        };
        let is_variance = self.is_square_of(variance, &self.graph.node[centred].output[0]);
        let is_mean = self.graph.node[mean].input.first() == Some(x);
        let &[epsilon] = self.constant(&self.graph.node[sum], 1)?.to_floats()?.as_slice() else {
            return None;
        };
        if !(is_variance && is_mean && over_length(variance) && over_length(mean)) {
            return None;
        }
        let scaled = self.wiring.only_taker(self.graph, division, "Mul")?;
        let shifted = self.wiring.only_taker(self.graph, scaled, "Add")?;
        let scale = self.other_input(scaled, &node.output[0])?;
        let bias = self.other_input(shifted, &self.graph.node[scaled].output[0])?;
        if !(self.is_per_channel(scale) && self.is_per_channel(bias)) {
            return None;
        }
        let output = &self.graph.node[shifted].output[0];
        let (scale_row, bias_row) = (format!("{output}/scale"), format!("{output}/bias"));
        let nodes = vec![
            NodeProto::of("Reshape", &[scale, FLAT], &scale_row),
            NodeProto::of("Reshape", &[bias, FLAT], &bias_row),
            NodeProto::of("InstanceNormalization", &[x, &scale_row, &bias_row], output)
                .with(AttributeProto::float("epsilon", epsilon)),
        ];
        Some((shifted, nodes))
    }

    /// Whether the node at `reduction` reduces the square of `tensor`, written as a product or as a power.
    fn is_square_of(&self, reduction: usize, tensor: &str) -> bool {
        let square = self.wiring.maker(&self.graph.node[reduction].input[0]);
        square.is_some_and(|square| {
            let node = &self.graph.node[square];
            let two = || self.constant(node, 1).and_then(TensorProto::to_floats);
            match node.op() {
                "Mul" => node.input == [tensor, tensor],
                "Pow" => node.input[0] == tensor && two().is_some_and(|exponent| exponent == [2.0]),
                _ => false,
            }
        })
    }

    /// Whether `tensor` is `[1, channels, 1]` for certain: a constant, or part of a row that was given a last axis, with
    /// a constant added or not.
    fn is_per_channel(&self, tensor: &str) -> bool {
        if let Some(constant) = self.constants.get(tensor) {
            return matches!(constant.dims.as_slice(), [1, _, 1]);
        }
        let Some(maker) = self.wiring.maker(tensor) else { return false };
        let node = &self.graph.node[maker];
        match node.op() {
            "Add" => {
                let (dynamic, constant): (Vec<&String>, Vec<&String>) =
                    node.input.iter().partition(|&input| !self.constants.contains_key(input.as_str()));
                let one = |input: &String| {
                    self.constants
                        .get(input.as_str())
                        .is_some_and(|tensor| tensor.dims.iter().all(|&d| d == 1))
                };
                dynamic.len() == 1 && constant.into_iter().all(one) && self.is_per_channel(dynamic[0])
            }
            "Split" => {
                let axis = node.attribute("axis").and_then(|axis| axis.i);
                axis == Some(1)
                    && self.maker(maker, 0, "Unsqueeze").is_some_and(|row| {
                        let axes = self.constant(&self.graph.node[row], 1).and_then(TensorProto::to_integers);
                        axes.is_some_and(|axes| axes == [2])
                    })
            }
            _ => false,
        }
    }

    fn maker(&self, node: usize, slot: usize, op: &str) -> Option<usize> {
        self.wiring.maker_of(self.graph, node, slot, op)
    }

    fn constant(&self, node: &NodeProto, slot: usize) -> Option<&TensorProto> {
        self.constants.get(node.input.get(slot)?.as_str()).copied()
    }

    fn other_input(&self, node: usize, one: &str) -> Option<&str> {
        let inputs: HashSet<&str> = self.graph.node[node].input.iter().map(String::as_str).collect();
        inputs.into_iter().find(|&input| input != one)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::onnx::ValueInfoProto;
    use super::super::wiring::check_order;
    use super::*;

    /// A normalisation of `x` with scale and bias from `style`, as exports spell it out.
    pub(in super::super) fn spelled_out() -> GraphProto {
        GraphProto {
            node: vec![
                NodeProto::of("Unsqueeze", &["style", "two"], "row"),
                NodeProto {
                    output: vec!["gamma".into(), "beta".into()],
                    ..NodeProto::of("Split", &["row", "halves"], "gamma")
                        .with(AttributeProto::integer("axis", 1))
                },
                NodeProto::of("Add", &["gamma", "one"], "scale"),
                NodeProto::of("ReduceMean", &["x", "two"], "mean"),
                NodeProto::of("Sub", &["x", "mean"], "centred"),
                NodeProto::of("Mul", &["centred", "centred"], "square"),
                NodeProto::of("ReduceMean", &["square", "two"], "variance"),
                NodeProto::of("Add", &["variance", "epsilon"], "sum"),
                NodeProto::of("Sqrt", &["sum"], "root"),
                NodeProto::of("Div", &["centred", "root"], "normal"),
                NodeProto::of("Mul", &["scale", "normal"], "scaled"),
                NodeProto::of("Add", &["scaled", "beta"], "y"),
            ],
            input: ["x", "style"].map(ValueInfoProto::named).to_vec(),
            output: vec![ValueInfoProto::named("y")],
            initializer: vec![
                TensorProto::integers("two".into(), &[2]),
                TensorProto::integers("halves".into(), &[8, 8]),
                TensorProto::floats("one".into(), vec![], &[1.0]),
                TensorProto::floats("epsilon".into(), vec![], &[1e-5]),
            ],
            ..GraphProto::default()
        }
    }

    #[test]
    fn nine_nodes_become_one_and_take_scale_and_bias_from_the_style() {
        let mut graph = spelled_out();
        assert_eq!(fuse(&mut graph, "x"), 1);
        let ops: Vec<_> = graph.node.iter().map(NodeProto::op).collect();
        assert_eq!(ops, ["Unsqueeze", "Split", "Add", "Reshape", "Reshape", "InstanceNormalization"]);
        let norm = graph.node.last().unwrap();
        assert_eq!((norm.input[0].as_str(), norm.output[0].as_str()), ("x", "y"));
        assert_eq!(norm.attribute("epsilon").unwrap().f, Some(1e-5));
        assert_eq!((graph.node[3].input[0].as_str(), graph.node[4].input[0].as_str()), ("scale", "beta"));
        assert!(check_order(&graph).is_ok());
    }

    #[test]
    fn what_does_not_depend_on_the_tensor_is_left_alone() {
        assert_eq!(fuse(&mut spelled_out(), "elsewhere"), 0);
    }

    #[test]
    fn a_mean_over_another_axis_or_of_another_tensor_is_left_alone() {
        let mut channels = spelled_out();
        channels.initializer[0] = TensorProto::integers("two".into(), &[1]);
        assert_eq!(fuse(&mut channels, "x"), 0);
        let mut other = spelled_out();
        other.node[3].input[0] = "style".into();
        assert_eq!(fuse(&mut other, "x"), 0);
    }

    #[test]
    fn a_bias_that_may_vary_along_the_row_is_left_alone() {
        let mut graph = spelled_out();
        graph.node[11].input[1] = "x".into();
        assert_eq!(fuse(&mut graph, "x"), 0);
    }
}
