//! Lets the caller scale pitch and energy inside the model.
//!
//! Both models predict two curves before they make sound: the fundamental frequency, in Hz, and the energy. Everything
//! behind the curves follows them, so that is where they are multiplied. In Kokoro each curve is the squeezed result of
//! a projection; the fundamental alone is stretched to the sample rate, for the harmonic source. The distilled model
//! gathers both from one tensor; the fundamental alone is shown, and compressed by `ln(1 + max(f0, 0))` for its
//! decoder. That decoder must see the scaled fundamental: with the unscaled one its speech was 3 to 7 dB too loud and
//! DNSMOS fell by 0.3 to 0.8 (300 to 600 cents up and down, three texts by `af_heart`).

use super::GraphError;
use super::onnx::{FLOAT, GraphProto, NodeProto, TensorTypeProto, TypeProto, ValueInfoProto};
use super::wiring::Wiring;

/// The name of the input that multiplies the fundamental frequency: f32 `[1]`.
pub const PITCH: &str = "pitch";
/// The name of the input that multiplies the energy: f32 `[1]`.
pub const ENERGY: &str = "energy";

/// `TensorShapeProto` of the shape `[1]`: one dimension, whose value is one.
const SHAPE_OF_ONE: [u8; 4] = [0x0a, 0x02, 0x08, 0x01];

/// Multiplies the two curves by two new inputs, [`PITCH`] and [`ENERGY`].
pub(super) fn add(graph: &mut GraphProto) -> Result<(), GraphError> {
    let (pitch, energy) = {
        let wiring = Wiring::of(graph);
        let site = Site { graph, wiring: &wiring };
        let mut curves = site.squeezed_curves();
        if curves == Curves::default() {
            curves = site.gathered_curves();
        }
        (one("pitch", &curves.pitch)?, one("energy", &curves.energy)?)
    };
    // From the back, so that the first place still holds when the second node goes in.
    let mut places = [(pitch, PITCH), (energy, ENERGY)];
    places.sort_by_key(|&(maker, _)| std::cmp::Reverse(maker));
    for (maker, input) in places {
        scale(graph, maker, input);
    }
    graph.input.extend([PITCH, ENERGY].map(number));
    Ok(())
}

fn one(curve: &'static str, found: &[usize]) -> Result<usize, GraphError> {
    match found {
        &[maker] => Ok(maker),
        _ => Err(GraphError::Curve { curve, found: found.len() }),
    }
}

/// Multiplies what the node at `maker` makes by `input`; whoever took it takes the product.
fn scale(graph: &mut GraphProto, maker: usize, input: &str) {
    let output = &mut graph.node[maker].output[0];
    let unscaled = format!("{output}/unscaled");
    let scaled = std::mem::replace(output, unscaled.clone());
    let node = NodeProto {
        name: Some(format!("{scaled}/{input}")),
        op_type: Some("Mul".into()),
        input: vec![unscaled, input.into()],
        output: vec![scaled],
        ..NodeProto::default()
    };
    graph.node.insert(maker + 1, node);
}

fn number(name: &str) -> ValueInfoProto {
    let one = TensorTypeProto { elem_type: Some(FLOAT), shape: Some(SHAPE_OF_ONE.into()) };
    ValueInfoProto {
        name: Some(name.into()),
        r#type: Some(TypeProto { tensor_type: Some(one), ..TypeProto::default() }),
        ..ValueInfoProto::default()
    }
}

/// The nodes that make the curves.
#[derive(Debug, Default, PartialEq)]
struct Curves {
    pitch: Vec<usize>,
    energy: Vec<usize>,
}

struct Site<'a> {
    graph: &'a GraphProto,
    wiring: &'a Wiring,
}

impl Site<'_> {
    /// Every `Squeeze` that leads, but for its shape as it is, to convolutions only (their quantisation, in an int8
    /// export), or to those and to a `Resize`.
    fn squeezed_curves(&self) -> Curves {
        let mut curves = Curves::default();
        for (index, _) in self.nodes("Squeeze") {
            let (mut stretched, mut convolved, mut other) = (false, false, false);
            self.visit_uses(index, &mut |op| match op {
                "Resize" => stretched = true,
                "Conv" | "DynamicQuantizeLinear" => convolved = true,
                _ => other = true,
            });
            match (stretched, convolved, other) {
                (true, true, false) => curves.pitch.push(index),
                (false, true, false) => curves.energy.push(index),
                _ => {}
            }
        }
        curves
    }

    /// Tells `visit` the operator of each use of what `node` makes, and looks through changes of its shape.
    fn visit_uses(&self, node: usize, visit: &mut dyn FnMut(&str)) {
        let Some(output) = self.graph.node[node].output.first() else { return };
        for &taker in self.wiring.takers(output) {
            let taken = &self.graph.node[taker];
            match taken.op() {
                "Reshape" | "Squeeze" | "Unsqueeze" if taken.input.first() == Some(output) => {
                    self.visit_uses(taker, visit);
                }
                op => visit(op),
            }
        }
    }

    /// A graph output that goes through `Relu -> Add -> Log` and is scaled from a `Gather`, and the other `Gather` from
    /// the same tensor.
    fn gathered_curves(&self) -> Curves {
        let mut curves = Curves::default();
        for (relu, node) in self.nodes("Relu") {
            let compressed = self
                .wiring
                .only_taker(self.graph, relu, "Add")
                .and_then(|add| self.wiring.only_taker(self.graph, add, "Log"));
            let shown = self.graph.output.iter().any(|output| output.name.as_ref() == node.input.first());
            let made = self.wiring.maker_of(self.graph, relu, 0, "Mul");
            let (Some(_), true, Some(pitch)) = (compressed, shown, made) else { continue };
            let Some(gather) = self.wiring.maker_of(self.graph, pitch, 0, "Gather") else { continue };
            let both = &self.graph.node[gather].input[0];
            curves.pitch.push(pitch);
            curves.energy.extend(self.wiring.takers(both).iter().copied().filter(|&taker| {
                let node = &self.graph.node[taker];
                taker != gather && node.op() == "Gather" && node.input[0] == *both
            }));
        }
        curves
    }

    fn nodes(&self, op: &'static str) -> impl Iterator<Item = (usize, &NodeProto)> {
        self.graph.node.iter().enumerate().filter(move |(_, node)| node.op() == op)
    }
}

#[cfg(test)]
mod tests {
    use super::super::wiring::check_order;
    use super::super::{durations, float, onnx};
    use super::*;
    use crate::SessionOptions;
    use crate::cache;
    use crate::runtime::{Model, Runtime};
    use ort::value::TensorRef;
    use prost::Message;

    fn squeezed() -> GraphProto {
        GraphProto {
            node: vec![
                NodeProto::of("Squeeze", &["x"], "n"),
                NodeProto::of("Squeeze", &["x"], "f"),
                NodeProto::of("Squeeze", &["x"], "other"),
                NodeProto::of("Reshape", &["f", "shape"], "f1"),
                NodeProto::of("Unsqueeze", &["f1", "axes"], "f2"),
                NodeProto::of("Resize", &["f2"], "source"),
                NodeProto::of("Conv", &["f2", "w"], "f3"),
                NodeProto::of("Unsqueeze", &["n", "axes"], "n1"),
                NodeProto::of("Conv", &["n1", "w"], "n2"),
                NodeProto::of("Concat", &["source", "f3", "n2", "other"], "y"),
            ],
            input: ["x", "shape", "axes", "w"].map(ValueInfoProto::named).to_vec(),
            output: vec![ValueInfoProto::named("y")],
            ..GraphProto::default()
        }
    }

    fn gathered() -> GraphProto {
        GraphProto {
            node: vec![
                NodeProto::of("Gather", &["x", "zero"], "g0"),
                NodeProto::of("Gather", &["x", "one"], "g1"),
                NodeProto::of("Mul", &["g0", "hundred"], "hz"),
                NodeProto::of("Relu", &["hz"], "r"),
                NodeProto::of("Add", &["one", "r"], "a"),
                NodeProto::of("Log", &["a"], "l"),
                NodeProto::of("Concat", &["l", "g1"], "y"),
            ],
            input: ["x", "zero", "one", "hundred"].map(ValueInfoProto::named).to_vec(),
            output: ["hz", "y"].map(ValueInfoProto::named).to_vec(),
            ..GraphProto::default()
        }
    }

    fn product(graph: &GraphProto, input: &str) -> Vec<String> {
        let found = graph.node.iter().find(|node| node.op() == "Mul" && node.input[1] == input).unwrap();
        [found.input[0].clone(), found.output[0].clone()].into()
    }

    #[test]
    fn the_curve_that_is_stretched_is_the_pitch_and_the_other_one_the_energy() {
        let mut graph = squeezed();
        add(&mut graph).unwrap();
        assert_eq!(product(&graph, PITCH), ["f/unscaled", "f"]);
        assert_eq!(product(&graph, ENERGY), ["n/unscaled", "n"]);
        assert!(graph.input.ends_with(&[number(PITCH), number(ENERGY)]));
        assert!(check_order(&graph).is_ok());
    }

    #[test]
    fn a_curve_that_is_shown_is_shown_scaled() {
        let mut graph = gathered();
        add(&mut graph).unwrap();
        assert_eq!(product(&graph, PITCH), ["hz/unscaled", "hz"]);
        assert_eq!(product(&graph, ENERGY), ["g1/unscaled", "g1"]);
        assert!(check_order(&graph).is_ok());
    }

    #[test]
    fn a_curve_that_is_missing_or_there_twice_is_told_by_name() {
        let refused = |mut graph: GraphProto| add(&mut graph).unwrap_err().to_string();
        assert_eq!(refused(GraphProto::default()), "0 places look like the pitch curve, not one");
        let mut twice = squeezed();
        twice.node.extend([NodeProto::of("Squeeze", &["x"], "m"), NodeProto::of("Conv", &["m", "w"], "m1")]);
        assert_eq!(refused(twice), "2 places look like the energy curve, not one");
        let mut scaled = squeezed();
        add(&mut scaled).unwrap();
        assert_eq!(refused(scaled), "0 places look like the pitch curve, not one");
    }

    /// The first output of a model called with one token more than the pads, silence as the style where it takes one,
    /// and the number 1 for everything else.
    fn said(runtime: &Runtime, model: &[u8], inputs: usize, styled: bool) -> Vec<f32> {
        let mut session =
            runtime.session("quality", &SessionOptions::on_cpu(2), Model::Bytes(model)).unwrap();
        let (tokens, style, one) = ([0_i64, 50, 83, 54, 156, 31, 4, 0], [0.1_f32; 256], [1.0_f32]);
        let mut given: Vec<ort::session::SessionInputValue<'_>> =
            vec![TensorRef::from_array_view(([1, tokens.len()], tokens.as_slice())).unwrap().into()];
        if styled {
            given.push(TensorRef::from_array_view(([1, 256], style.as_slice())).unwrap().into());
        }
        while given.len() < inputs {
            given.push(TensorRef::from_array_view(([1], one.as_slice())).unwrap().into());
        }
        let outputs = session.run(given.as_slice()).unwrap();
        outputs[0].try_extract_tensor::<f32>().unwrap().1.to_vec()
    }

    #[test]
    fn factors_of_one_leave_every_sample_of_kokoro_as_it_was() {
        let (Some(library), Some(int8)) = (cache::runtime(), cache::kokoro_int8()) else { return };
        let runtime = Runtime::load(&library).unwrap();
        let mut model = onnx::ModelProto::decode(std::fs::read(int8).unwrap().as_slice()).unwrap();
        let graph = model.graph.as_mut().unwrap();
        float::rebuild(graph).unwrap();
        durations::expose(graph).unwrap();
        let without = said(&runtime, &model.encode_to_vec(), 3, true);
        add(model.graph.as_mut().unwrap()).unwrap();
        assert!(!without.is_empty() && without == said(&runtime, &model.encode_to_vec(), 5, true));
    }

    #[test]
    fn factors_of_one_leave_every_value_of_the_distilled_model_as_it_was() {
        let (Some(library), Some(distilled)) = (cache::runtime(), cache::distilled()) else { return };
        let runtime = Runtime::load(&library).unwrap();
        let bytes = std::fs::read(distilled).unwrap();
        let without = said(&runtime, &bytes, 2, false);
        let mut model = onnx::ModelProto::decode(bytes.as_slice()).unwrap();
        add(model.graph.as_mut().unwrap()).unwrap();
        assert!(!without.is_empty() && without == said(&runtime, &model.encode_to_vec(), 4, false));
    }
}
