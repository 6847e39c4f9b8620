//! Takes the two scalings out of a Snake activation.
//!
//! Snake is `x + sin(a x)^2 / a`, with an `a` per channel. Between a normalisation and a convolution, `a` can go into
//! the scale and bias of the one and `1 / a` into the weights of the other: with `z = a x`, what is left is
//! `z + sin(z)^2`, which is `a` times what it was. A power of two becomes a product.
//!
//! Source: "Neural Networks Fail to Learn Periodic Functions and How to Fix It", Ziyin et al., 2020.

use std::collections::{HashMap, HashSet};

use super::onnx::{GraphProto, NodeProto, TensorProto};
use super::wiring::{Wiring, constants, dependants, prune, replace};

/// How far `a * (1 / a)` may be from 1 for the two to be what they seem.
const TOLERANCE: f32 = 1e-6;

/// Simplifies every Snake that stands between a fused normalisation and convolutions and depends on `from`; tells how
/// many.
pub(super) fn simplify(graph: &mut GraphProto, from: &str) -> usize {
    let depends = dependants(graph, from);
    let mut edits = Edits::default();
    {
        let site = Site { graph, wiring: &Wiring::of(graph), constants: &constants(graph) };
        for index in (0..graph.node.len()).filter(|&index| depends[index]) {
            if let Some(snake) = site.snake(index) {
                edits.take(snake, graph);
            }
        }
    }
    let simplified = edits.simplified;
    graph.initializer.append(&mut edits.tensors);
    replace(graph, edits.replacements);
    prune(graph);
    simplified
}

/// The nodes of a Snake and around it.
struct Snake<'a> {
    /// Scale and bias of the normalisation, before they were flattened.
    norm: usize,
    sine: usize,
    sum: usize,
    /// The square of the sine, whose `Mul` or `Pow` is written anew.
    square: usize,
    convolution: usize,
    factor: &'a TensorProto,
    /// The weight of the convolution, divided by the factor.
    weight: TensorProto,
}

#[derive(Default)]
struct Edits {
    simplified: usize,
    tensors: Vec<TensorProto>,
    replacements: HashMap<usize, Vec<NodeProto>>,
}

impl Edits {
    fn take(&mut self, snake: Snake<'_>, graph: &GraphProto) {
        let norm = &graph.node[snake.norm];
        let z = &norm.output[0];
        let factor = format!("{z}/factor");
        let (scale, bias) = (format!("{z}/scale of z"), format!("{z}/bias of z"));
        let values = snake.factor.to_floats().unwrap_or_default();
        self.tensors.push(TensorProto::floats(factor.clone(), vec![values.len() as i64], &values));
        let mut scaled = norm.clone();
        scaled.input[1].clone_from(&scale);
        scaled.input[2].clone_from(&bias);
        let around = vec![
            NodeProto::of("Mul", &[&norm.input[1], &factor], &scale),
            NodeProto::of("Mul", &[&norm.input[2], &factor], &bias),
            scaled,
        ];
        self.replacements.insert(snake.norm, around);

        let (sine, square) = (&graph.node[snake.sine].output[0], &graph.node[snake.square].output[0]);
        self.replacements.insert(snake.sine, vec![NodeProto::of("Sin", &[z], sine)]);
        self.replacements.insert(snake.square, vec![NodeProto::of("Mul", &[sine, sine], square)]);
        let sum = &graph.node[snake.sum].output[0];
        self.replacements.insert(snake.sum, vec![NodeProto::of("Add", &[z, square], sum)]);

        let mut convolution = graph.node[snake.convolution].clone();
        convolution.input[1] = snake.weight.label().into();
        self.tensors.push(snake.weight);
        self.replacements.insert(snake.convolution, vec![convolution]);
        self.simplified += 1;
    }
}

struct Site<'a> {
    graph: &'a GraphProto,
    wiring: &'a Wiring,
    constants: &'a HashMap<&'a str, &'a TensorProto>,
}

impl Site<'_> {
    /// The Snake whose sine is at `sine`.
    fn snake(&self, sine: usize) -> Option<Snake<'_>> {
        if self.graph.node[sine].op() != "Sin" {
            return None;
        }
        let product = self.wiring.maker_of(self.graph, sine, 0, "Mul")?;
        let (x, factor) = self.by_constant(product)?;
        let norm = self.wiring.maker(x).filter(|&n| self.graph.node[n].op() == "InstanceNormalization")?;
        let square = self.square(sine)?;
        let scaled = self.wiring.only_taker(self.graph, square, "Mul")?;
        let (_, inverse) = self.by_constant(scaled)?;
        let sum = self.wiring.only_taker(self.graph, scaled, "Add")?;
        let takers: HashSet<usize> = self.wiring.takers(x).iter().copied().collect();
        let convolution = self.wiring.only_taker(self.graph, sum, "Conv")?;
        if !self.graph.node[sum].input.iter().any(|input| input == x)
            || takers != HashSet::from([product, sum])
        {
            return None;
        }
        let (a, r) = (factor.to_floats()?, inverse.to_floats()?);
        let inverses = a.len() == r.len() && a.iter().zip(&r).all(|(a, r)| (a * r - 1.0).abs() <= TOLERANCE);
        let node = &self.graph.node[convolution];
        let weight = self.constants.get(node.input.get(1)?.as_str())?;
        let grouped = node.attribute("group").and_then(|group| group.i).unwrap_or(1) != 1;
        if !inverses || grouped || weight.dims.get(1) != Some(&(a.len() as i64)) {
            return None;
        }
        let inner: usize = weight.dims[2..].iter().map(|&d| d as usize).product();
        let divided: Vec<f32> =
            weight.to_floats()?.iter().enumerate().map(|(i, w)| w / a[i / inner % a.len()]).collect();
        let name = format!("{}/{}", weight.label(), factor.label());
        let weight = TensorProto::floats(name, weight.dims.clone(), &divided);
        Some(Snake { norm, sine, sum, square, convolution, factor, weight })
    }

    /// The node that squares what the one at `sine` makes, and nobody else takes it.
    fn square(&self, sine: usize) -> Option<usize> {
        let output = &self.graph.node[sine].output[0];
        let takers: HashSet<usize> = self.wiring.takers(output).iter().copied().collect();
        let &square = takers.iter().next().filter(|_| takers.len() == 1)?;
        let node = &self.graph.node[square];
        let is_two = |name: &String| {
            self.constants.get(name.as_str()).and_then(|t| t.to_floats()).is_some_and(|v| v == [2.0])
        };
        let squares = match node.op() {
            "Mul" => node.input.iter().all(|input| input == output),
            "Pow" => node.input[0] == *output && node.input.get(1).is_some_and(is_two),
            _ => false,
        };
        squares.then_some(square)
    }

    /// What the product at `node` multiplies, and the constant `[1, channels, 1]` that it multiplies by.
    fn by_constant(&self, node: usize) -> Option<(&str, &TensorProto)> {
        let [a, b] = self.graph.node[node].input.as_slice() else { return None };
        let (x, constant) = match (self.constants.get(a.as_str()), self.constants.get(b.as_str())) {
            (Some(constant), None) => (b, constant),
            (None, Some(constant)) => (a, constant),
            _ => return None,
        };
        matches!(constant.dims.as_slice(), [1, _, 1]).then_some((x.as_str(), *constant))
    }
}

#[cfg(test)]
mod tests {
    use super::super::onnx::ValueInfoProto;
    use super::super::wiring::check_order;
    use super::*;

    fn spelled_out(inverse: [f32; 2]) -> GraphProto {
        GraphProto {
            node: vec![
                NodeProto::of("InstanceNormalization", &["u", "s", "b"], "x"),
                NodeProto::of("Mul", &["a", "x"], "ax"),
                NodeProto::of("Sin", &["ax"], "sine"),
                NodeProto::of("Pow", &["sine", "two"], "square"),
                NodeProto::of("Mul", &["inverse", "square"], "scaled"),
                NodeProto::of("Add", &["x", "scaled"], "snake"),
                NodeProto::of("Conv", &["snake", "w"], "y"),
            ],
            input: ["u", "s", "b"].map(ValueInfoProto::named).to_vec(),
            output: vec![ValueInfoProto::named("y")],
            initializer: vec![
                TensorProto::floats("a".into(), vec![1, 2, 1], &[0.5, 4.0]),
                TensorProto::floats("inverse".into(), vec![1, 2, 1], &inverse),
                TensorProto::floats("two".into(), vec![], &[2.0]),
                TensorProto::floats("w".into(), vec![1, 2, 3], &[1.0, 2.0, 3.0, 4.0, 8.0, 12.0]),
            ],
            ..GraphProto::default()
        }
    }

    #[test]
    fn the_factor_goes_into_the_normalisation_and_out_of_the_weights() {
        let mut graph = spelled_out([2.0, 0.25]);
        assert_eq!(simplify(&mut graph, "u"), 1);
        let ops: Vec<_> = graph.node.iter().map(NodeProto::op).collect();
        assert_eq!(ops, ["Mul", "Mul", "InstanceNormalization", "Sin", "Mul", "Add", "Conv"]);
        assert_eq!(graph.node[4].input, ["sine", "sine"]);
        assert_eq!(graph.node[5].input, ["x", "square"]);
        let weight = graph.initializer.iter().find(|t| t.label() == graph.node[6].input[1]).unwrap();
        assert_eq!(weight.to_floats().unwrap(), [2.0, 4.0, 6.0, 1.0, 2.0, 3.0]);
        assert!(check_order(&graph).is_ok());
    }

    #[test]
    fn a_second_factor_that_is_not_the_inverse_of_the_first_is_left_alone() {
        assert_eq!(simplify(&mut spelled_out([2.0, 0.5]), "u"), 0);
    }

    #[test]
    fn a_snake_that_is_used_twice_is_left_alone() {
        let mut graph = spelled_out([2.0, 0.25]);
        graph.node.push(NodeProto::of("Neg", &["snake"], "z"));
        graph.output.push(ValueInfoProto::named("z"));
        assert_eq!(simplify(&mut graph, "u"), 0);
    }
}
