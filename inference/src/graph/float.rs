//! Turns the integer patterns of a dynamically quantised export back into float nodes.
//!
//! ONNX Runtime's quantiser writes three patterns, and each has one float node that says the same:
//!
//! | pattern | becomes |
//! | --- | --- |
//! | `DynamicQuantizeLinear -> ConvInteger [-> Add bias] -> Cast -> Mul` | `Conv` |
//! | `DynamicQuantizeLinear -> MatMulInteger -> Cast -> Mul` | `MatMul` |
//! | `DynamicQuantizeLSTM` | `LSTM` |
//!
//! A weight is `(q - zero_point) * scale`. The bias that is added to the integers was divided by the product of both
//! scales and rounded down; the divided tensor is the bias.
//!
//! Source: `onnxruntime.quantization` and the operator schemas of ONNX and `com.microsoft`.

use std::collections::{HashMap, HashSet};

use super::onnx::{AttributeProto, GraphProto, NodeProto, TensorProto};
use super::wiring::{Wiring, constants, prune};
use super::{GraphError, RewriteReport};

/// Operators that compute on integers because of the quantisation. None is left after [`rebuild`].
const INTEGER_OPERATORS: [&str; 8] = [
    "DynamicQuantizeLinear",
    "ConvInteger",
    "MatMulInteger",
    "DynamicQuantizeLSTM",
    "DynamicQuantizeMatMul",
    "MatMulIntegerToFloat",
    "QLinearConv",
    "QLinearMatMul",
];

/// Rebuilds `graph` in place.
pub(super) fn rebuild(graph: &mut GraphProto) -> Result<RewriteReport, GraphError> {
    let mut report = RewriteReport { nodes_before: graph.node.len(), ..RewriteReport::default() };
    let mut weights = Weights::default();
    let mut replacements = Vec::new();
    let site = Site { graph, wiring: &Wiring::of(graph), constants: &constants(graph) };
    for (index, node) in graph.node.iter().enumerate() {
        match node.op() {
            "ConvInteger" => {
                replacements.push(site.convolution(index, &mut weights)?);
                report.convolutions += 1;
            }
            "MatMulInteger" => {
                replacements.push(site.product(index, &mut weights)?);
                report.products += 1;
            }
            "DynamicQuantizeLSTM" => {
                replacements.push(site.lstm(index, &mut weights)?);
                report.lstms += 1;
            }
            _ => {}
        }
    }
    // The float node takes the place of the last node of its pattern, so it stands behind all of its inputs; the
    // rest of the pattern then leads nowhere.
    for (place, node) in replacements {
        graph.node[place] = node;
    }
    prune(graph);
    graph.initializer.append(&mut weights.tensors);
    if let Some(left) = graph.node.iter().find(|node| INTEGER_OPERATORS.contains(&node.op())) {
        return Err(GraphError::IntegerNodeLeft { node: left.label() });
    }
    report.nodes_after = graph.node.len();
    Ok(report)
}

/// Float weights made so far. Layers that share a quantised weight share the float one.
#[derive(Default)]
struct Weights {
    tensors: Vec<TensorProto>,
    names: HashSet<String>,
}

impl Weights {
    fn add(
        &mut self,
        quantized: &str,
        scale: &str,
        make: impl FnOnce(String) -> Option<TensorProto>,
    ) -> Option<String> {
        let name = format!("{quantized}/{scale}/float");
        if !self.names.contains(&name) {
            self.tensors.push(make(name.clone())?);
            self.names.insert(name.clone());
        }
        Some(name)
    }
}

/// The graph as it was, to look patterns up in.
struct Site<'a> {
    graph: &'a GraphProto,
    wiring: &'a Wiring,
    constants: &'a HashMap<&'a str, &'a TensorProto>,
}

impl Site<'_> {
    fn convolution(&self, index: usize, weights: &mut Weights) -> Result<(usize, NodeProto), GraphError> {
        let node = &self.graph.node[index];
        let mut tail = index;
        let mut bias = None;
        if let Some(add) = self.wiring.only_taker(self.graph, index, "Add") {
            bias = Some(self.bias(add, &node.output[0]).ok_or_else(|| {
                pattern(node, "its bias is not one that was divided, rounded down, cast and reshaped")
            })?);
            tail = add;
        }
        let (mul, scale) = self.scaling(tail).ok_or_else(|| pattern(node, NOT_SCALED))?;
        let weight =
            self.weight(node, scale, 0, weights).ok_or_else(|| pattern(node, NOT_A_CONSTANT_WEIGHT))?;
        let mut input = vec![self.unquantized(index)?, weight];
        input.extend(bias);
        Ok((mul, float_node("Conv", node, input, self.graph.node[mul].output.clone())))
    }

    fn product(&self, index: usize, weights: &mut Weights) -> Result<(usize, NodeProto), GraphError> {
        let node = &self.graph.node[index];
        let (mul, scale) = self.scaling(index).ok_or_else(|| pattern(node, NOT_SCALED))?;
        let last_axis = self.constant(&node.input, 1).map_or(0, |w| w.dims.len().saturating_sub(1));
        let weight = self
            .weight(node, scale, last_axis, weights)
            .ok_or_else(|| pattern(node, NOT_A_CONSTANT_WEIGHT))?;
        let input = vec![self.unquantized(index)?, weight];
        Ok((mul, float_node("MatMul", node, input, self.graph.node[mul].output.clone())))
    }

    /// Inputs of `DynamicQuantizeLSTM`: 0 to 7 as `LSTM` (X, W, R, B, lengths, h, c, P), then scale and zero point
    /// of W and of R. It keeps W and R transposed: `[direction, in, 4 * hidden]`, gates in the order i, o, f, c as
    /// in `LSTM`.
    fn lstm(&self, index: usize, weights: &mut Weights) -> Result<(usize, NodeProto), GraphError> {
        let node = &self.graph.node[index];
        let mut input: Vec<String> = node.input.iter().take(8).cloned().collect();
        for (slot, scale_slot) in [(1, 8), (2, 10)] {
            let transposed = || {
                let q = self.constant(&node.input, slot)?;
                let scale = self.constant(&node.input, scale_slot)?;
                let zero_point = self.constant(&node.input, scale_slot + 1)?;
                weights.add(q.label(), scale.label(), |name| lstm_weight(name, q, scale, zero_point))
            };
            input[slot] = { transposed }().ok_or_else(|| pattern(node, NOT_A_CONSTANT_WEIGHT))?;
        }
        while input.last().is_some_and(String::is_empty) {
            input.pop();
        }
        Ok((index, float_node("LSTM", node, input, node.output.clone())))
    }

    /// The float tensor that was quantised for input 0 of `node`.
    fn unquantized(&self, node: usize) -> Result<String, GraphError> {
        self.wiring
            .maker_of(self.graph, node, 0, "DynamicQuantizeLinear")
            .and_then(|quantize| self.graph.node[quantize].input.first().cloned())
            .ok_or_else(|| {
                pattern(&self.graph.node[node], "its input is not one that was quantised on the fly")
            })
    }

    /// The `Mul` at the end of `tail -> Cast -> Mul`, and the constant scale of the weight: the other factor is the
    /// product of the input's scale and the weight's.
    fn scaling(&self, tail: usize) -> Option<(usize, &TensorProto)> {
        let cast = self.wiring.only_taker(self.graph, tail, "Cast")?;
        let mul = self.wiring.only_taker(self.graph, cast, "Mul")?;
        let cast_output = &self.graph.node[cast].output[0];
        let factor = self.graph.node[mul].input.iter().position(|input| input != cast_output)?;
        let scales = self.wiring.maker_of(self.graph, mul, factor, "Mul")?;
        let scale =
            self.graph.node[scales].input.iter().find_map(|input| self.constants.get(input.as_str()))?;
        Some((mul, scale))
    }

    /// The float bias behind `Div -> Floor -> Cast -> Reshape -> Add`, where `product` is the other summand.
    fn bias(&self, add: usize, product: &str) -> Option<String> {
        let summand = self.graph.node[add].input.iter().position(|input| input != product)?;
        let mut at = self.wiring.maker_of(self.graph, add, summand, "Reshape")?;
        for op in ["Cast", "Floor", "Div"] {
            at = self.wiring.maker_of(self.graph, at, 0, op)?;
        }
        self.graph.node[at].input.first().cloned()
    }

    fn weight(
        &self,
        node: &NodeProto,
        scale: &TensorProto,
        axis: usize,
        weights: &mut Weights,
    ) -> Option<String> {
        let quantized = self.constant(&node.input, 1)?;
        let zero_point = self.constant(&node.input, 3);
        weights.add(quantized.label(), scale.label(), |name| {
            dequantize(name, quantized, scale, zero_point, axis)
        })
    }

    fn constant(&self, inputs: &[String], slot: usize) -> Option<&TensorProto> {
        self.constants.get(inputs.get(slot)?.as_str()).copied()
    }
}

const NOT_SCALED: &str = "its result is not cast and scaled by a constant";
const NOT_A_CONSTANT_WEIGHT: &str = "its weight, scale and zero point are not constants that fit each other";

fn pattern(node: &NodeProto, expected: &'static str) -> GraphError {
    GraphError::Pattern { node: node.label(), expected }
}

fn float_node(op: &str, from: &NodeProto, input: Vec<String>, output: Vec<String>) -> NodeProto {
    let attribute: Vec<AttributeProto> = from.attribute.clone();
    NodeProto {
        input,
        output,
        name: from.name.clone(),
        op_type: Some(op.into()),
        attribute,
        ..NodeProto::default()
    }
}

/// `(q - zero_point) * scale`, where scale and zero point are one number or one per index of `axis`.
fn dequantize(
    name: String,
    quantized: &TensorProto,
    scale: &TensorProto,
    zero_point: Option<&TensorProto>,
    axis: usize,
) -> Option<TensorProto> {
    let scale = scale.to_floats()?;
    let zero_point = zero_point.map_or(Some(vec![0]), TensorProto::to_bytes)?;
    let channels = usize::try_from(*quantized.dims.get(axis)?).ok()?;
    let fits = |len: usize| len == 1 || len == channels;
    if !fits(scale.len()) || !fits(zero_point.len()) {
        return None;
    }
    let inner: usize = quantized.dims[axis + 1..].iter().map(|&d| d as usize).product();
    let pick = |index: usize, len: usize| if len == 1 { 0 } else { index / inner % channels };
    let values: Vec<f32> = quantized
        .to_bytes()?
        .iter()
        .enumerate()
        .map(|(i, &q)| f32::from(q - zero_point[pick(i, zero_point.len())]) * scale[pick(i, scale.len())])
        .collect();
    Some(TensorProto::floats(name, quantized.dims.clone(), &values))
}

/// A weight of `LSTM`, `[direction, 4 * hidden, in]`, from one of `DynamicQuantizeLSTM`, `[direction, in, 4 * hidden]`,
/// whose scale and zero point are one per direction or one per direction and column.
fn lstm_weight(
    name: String,
    quantized: &TensorProto,
    scale: &TensorProto,
    zero_point: &TensorProto,
) -> Option<TensorProto> {
    let &[directions, rows, columns] = quantized.dims.as_slice() else { return None };
    let (directions, rows, columns) = (directions as usize, rows as usize, columns as usize);
    let (q, scale, zero_point) = (quantized.to_bytes()?, scale.to_floats()?, zero_point.to_bytes()?);
    let fits = |len: usize| len == directions || len == directions * columns;
    if q.len() != directions * rows * columns || !fits(scale.len()) || !fits(zero_point.len()) {
        return None;
    }
    let pick = |direction: usize, column: usize, len: usize| {
        if len == directions { direction } else { direction * columns + column }
    };
    let mut values = Vec::with_capacity(q.len());
    for direction in 0..directions {
        for column in 0..columns {
            let zero_point = zero_point[pick(direction, column, zero_point.len())];
            let scale = scale[pick(direction, column, scale.len())];
            for row in 0..rows {
                let q = q[(direction * rows + row) * columns + column];
                values.push(f32::from(q - zero_point) * scale);
            }
        }
    }
    let dims = [directions, columns, rows].map(|d| d as i64).to_vec();
    Some(TensorProto::floats(name, dims, &values))
}

#[cfg(test)]
mod tests {
    use super::super::onnx::{INT8, UINT8, ValueInfoProto};
    use super::*;

    fn bytes(name: &str, data_type: i32, dims: &[i64], values: &[i16]) -> TensorProto {
        TensorProto {
            name: Some(name.into()),
            data_type: Some(data_type),
            dims: dims.to_vec(),
            raw_data: Some(values.iter().map(|&v| v as u8).collect()),
            ..TensorProto::default()
        }
    }

    fn floats(name: &str, values: &[f32]) -> TensorProto {
        TensorProto::floats(name.into(), vec![values.len() as i64], values)
    }

    fn node(op: &str, input: &[&str], output: &[&str]) -> NodeProto {
        NodeProto {
            op_type: Some(op.into()),
            name: Some(format!("the {op}")),
            input: input.iter().map(|&s| s.into()).collect(),
            output: output.iter().map(|&s| s.into()).collect(),
            ..NodeProto::default()
        }
    }

    fn quantized_convolution() -> GraphProto {
        GraphProto {
            input: vec![ValueInfoProto::named("x")],
            output: vec![ValueInfoProto::named("y")],
            initializer: vec![
                bytes("w", UINT8, &[2, 1, 2], &[130, 126, 128, 0]),
                bytes("w0", UINT8, &[], &[128]),
                floats("ws", &[0.5]),
                floats("b", &[7.0, -7.0]),
                floats("shape", &[1.0]),
            ],
            node: vec![
                node("DynamicQuantizeLinear", &["x"], &["xq", "xs", "x0"]),
                node("ConvInteger", &["xq", "w", "x0", "w0"], &["c"]),
                node("Mul", &["xs", "ws"], &["s"]),
                node("Div", &["b", "s"], &["d"]),
                node("Floor", &["d"], &["f"]),
                node("Cast", &["f"], &["i"]),
                node("Reshape", &["i", "shape"], &["r"]),
                node("Add", &["c", "r"], &["a"]),
                node("Cast", &["a"], &["t"]),
                node("Mul", &["t", "s"], &["y"]),
            ],
            ..GraphProto::default()
        }
    }

    #[test]
    fn a_quantised_convolution_with_bias_becomes_one_node() {
        let mut graph = quantized_convolution();
        let report = rebuild(&mut graph).unwrap();
        assert_eq!((report.convolutions, report.nodes_before, report.nodes_after), (1, 10, 1));
        let conv = &graph.node[0];
        assert_eq!((conv.op(), &conv.output), ("Conv", &vec!["y".to_owned()]));
        assert_eq!((conv.input[0].as_str(), conv.input[2].as_str()), ("x", "b"));
        let weight = graph.initializer.iter().find(|t| t.label() == conv.input[1]).unwrap();
        assert_eq!(weight.to_floats().unwrap(), [1.0, -1.0, 0.0, -64.0]);
        assert_eq!(graph.initializer.len(), 2);
    }

    #[test]
    fn an_integer_result_that_is_used_elsewhere_is_refused_by_name() {
        let mut graph = quantized_convolution();
        graph.node.push(node("Abs", &["c"], &["z"]));
        let error = rebuild(&mut graph).unwrap_err();
        assert!(error.to_string().starts_with("the ConvInteger (ConvInteger): "), "{error}");
    }

    #[test]
    fn an_integer_node_of_another_kind_is_refused_by_name() {
        let mut graph = quantized_convolution();
        graph.node.push(node("QLinearConv", &["y"], &["z"]));
        graph.output.push(ValueInfoProto::named("z"));
        let error = rebuild(&mut graph).unwrap_err();
        assert_eq!(error.to_string(), "the QLinearConv (QLinearConv) is still an integer node");
    }

    #[test]
    fn a_product_is_scaled_per_column() {
        let w = bytes("w", INT8, &[2, 2], &[1, -1, 3, 5]);
        let float = dequantize(
            "f".into(),
            &w,
            &floats("s", &[2.0, 10.0]),
            Some(&bytes("z", INT8, &[2], &[1, -1])),
            1,
        );
        assert_eq!(float.unwrap().to_floats().unwrap(), [0.0, 0.0, 4.0, 60.0]);
    }

    #[test]
    fn a_scale_of_another_length_than_the_channels_is_refused() {
        let w = bytes("w", INT8, &[2, 2], &[1, -1, 3, 5]);
        assert_eq!(dequantize("f".into(), &w, &floats("s", &[1.0, 1.0, 1.0]), None, 1), None);
    }

    #[test]
    fn lstm_weights_are_transposed_with_a_scale_per_direction_or_per_column() {
        let w = bytes("w", INT8, &[2, 1, 2], &[1, 2, 3, 4]);
        let per_direction =
            lstm_weight("f".into(), &w, &floats("s", &[1.0, 10.0]), &bytes("z", INT8, &[2], &[0, 1]));
        let per_direction = per_direction.unwrap();
        assert_eq!(per_direction.dims, [2, 2, 1]);
        assert_eq!(per_direction.to_floats().unwrap(), [1.0, 2.0, 20.0, 30.0]);
        let w = bytes("w", INT8, &[1, 2, 2], &[1, 2, 3, 4]);
        let per_column =
            lstm_weight("f".into(), &w, &floats("s", &[1.0, 10.0]), &bytes("z", INT8, &[1, 2], &[0, 0]));
        assert_eq!(per_column.unwrap().to_floats().unwrap(), [1.0, 3.0, 20.0, 40.0]);
    }
}
