//! Weights in fewer bits, activations in float.
//!
//! The constant is kept in eight or four bits and a `DequantizeLinear` in front of the graph gives it back under its old
//! name; the runtime folds that when it loads the graph, so the file is small and the speed that of the float graph.
//!
//! Eight bits: a weight whose values stand on a grid of at most 256 even steps already, as those do that were quantised
//! before, keeps that grid, and loses nothing. Any other gets a step per output channel, the largest value at 127.
//! Four bits: a step per 32 inputs of an output channel, the largest value at 7.

use std::collections::HashMap;

use super::controls::PITCH;
use super::onnx::{AttributeProto, GraphProto, INT4, INT8, ModelProto, NodeProto, TensorProto, UINT8};
use super::wiring::dependants;
use super::{GraphError, WeightReport};

/// Smaller constants stay as they are: there is little to save.
const SMALLEST: usize = 4096;
/// Inputs that share a step in four bits.
const BLOCK: usize = 32;
/// The first opset whose `DequantizeLinear` takes blocks and four bits, and the IR version that came with it.
const BLOCKS_SINCE: (i64, i64) = (21, 10);

/// How many bits a weight is kept in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bits {
    /// Eight.
    Eight,
    /// Four; an experiment.
    Four,
}

/// Which weights are kept in fewer bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// All.
    Whole,
    /// Those of the nodes before the pitch curve: text, style, durations and the curve itself.
    Encoder,
}

/// Rewrites `model` in place.
pub(super) fn shrink(model: &mut ModelProto, bits: Bits, part: Part) -> Result<WeightReport, GraphError> {
    let graph = model.graph.as_mut().ok_or(GraphError::NoGraph)?;
    let layouts = layouts(graph, part);
    let mut report = WeightReport::default();
    let mut nodes = Vec::new();
    let mut kept = Vec::with_capacity(graph.initializer.len());
    for tensor in std::mem::take(&mut graph.initializer) {
        let layout = layouts.get(tensor.label()).copied();
        let Some(packed) = layout.and_then(|layout| pack(&tensor, layout, bits)) else {
            kept.push(tensor);
            continue;
        };
        report.weights += 1;
        report.exact += usize::from(packed.exact);
        nodes.push(packed.node);
        kept.extend(packed.constants);
    }
    if nodes.is_empty() {
        return Err(GraphError::NoWeights);
    }
    graph.initializer = kept;
    nodes.append(&mut graph.node);
    graph.node = nodes;
    if bits == Bits::Four {
        let (opset, ir) = BLOCKS_SINCE;
        model.ir_version = model.ir_version.max(Some(ir));
        let standard =
            model.opset_import.iter_mut().filter(|set| set.domain.as_deref().unwrap_or("").is_empty());
        standard.for_each(|set| set.version = set.version.max(Some(opset)));
    }
    Ok(report)
}

/// Where a weight has its output channels and its inputs.
#[derive(Clone, Copy)]
struct Layout {
    outputs: usize,
    inputs: usize,
}

/// The weights of `part` by name: constants of 32-bit floats that are large enough.
fn layouts(graph: &GraphProto, part: Part) -> HashMap<String, Layout> {
    let behind = dependants(graph, PITCH);
    let large: HashMap<&str, usize> = graph
        .initializer
        .iter()
        .filter(|tensor| tensor.dims.len() >= 2 && tensor.dims.iter().product::<i64>() >= SMALLEST as i64)
        .map(|tensor| (tensor.label(), tensor.dims.len()))
        .collect();
    let mut layouts = HashMap::new();
    let mut spared = Vec::new();
    for (node, behind) in graph.node.iter().zip(behind) {
        for (slot, input) in node.input.iter().enumerate() {
            let Some(&rank) = large.get(input.as_str()) else { continue };
            let layout = match (node.op(), slot) {
                ("Conv", 1) | ("Gather", 0) => Layout { outputs: 0, inputs: 1 },
                ("ConvTranspose", 1) => Layout { outputs: 1, inputs: 0 },
                ("MatMul", 1) => Layout { outputs: rank - 1, inputs: rank - 2 },
                ("LSTM", 1 | 2) => Layout { outputs: 1, inputs: 2 },
                _ => {
                    spared.push(input.clone());
                    continue;
                }
            };
            if behind && part == Part::Encoder {
                spared.push(input.clone());
            }
            layouts.insert(input.clone(), layout);
        }
    }
    for name in spared {
        layouts.remove(&name);
    }
    layouts
}

/// A weight in fewer bits.
struct Packed {
    node: NodeProto,
    constants: Vec<TensorProto>,
    /// Whether every value comes back bit by bit.
    exact: bool,
}

fn pack(tensor: &TensorProto, layout: Layout, bits: Bits) -> Option<Packed> {
    let values = tensor.to_floats()?;
    let dims: Vec<usize> = tensor.dims.iter().map(|&d| d as usize).collect();
    if dims.iter().product::<usize>() != values.len() {
        return None;
    }
    match bits {
        Bits::Four => Some(in_blocks(tensor, &values, &dims, layout.inputs)),
        Bits::Eight => [None, Some(0), Some(layout.outputs)]
            .into_iter()
            .find_map(|axis| on_grid(tensor, &values, &dims, axis))
            .or_else(|| Some(per_channel(tensor, &values, &dims, layout.outputs))),
    }
}

/// Which step of `steps` along `axis` the value at `index` belongs to.
fn step_of(index: usize, dims: &[usize], axis: Option<usize>) -> usize {
    axis.map_or(0, |axis| index / dims[axis + 1..].iter().product::<usize>() % dims[axis])
}

/// The grid that the values stand on, one for all or one per index of `axis`.
fn on_grid(tensor: &TensorProto, values: &[f32], dims: &[usize], axis: Option<usize>) -> Option<Packed> {
    let count = axis.map_or(1, |axis| dims[axis]);
    let mut channels = vec![Vec::with_capacity(values.len() / count); count];
    for (index, &value) in values.iter().enumerate() {
        channels[step_of(index, dims, axis)].push(value);
    }
    let grids: Option<Vec<Grid>> = channels.iter().map(|channel| Grid::under(channel)).collect();
    let grids = grids?;
    let bytes: Option<Vec<u8>> = values
        .iter()
        .enumerate()
        .map(|(index, value)| {
            let grid = &grids[step_of(index, dims, axis)];
            u8::try_from((value / grid.step).round() as i32 + i32::from(grid.zero)).ok()
        })
        .collect();
    let scale: Vec<f32> = grids.iter().map(|grid| grid.step).collect();
    let name = tensor.label();
    let row = axis.map_or(vec![], |_| vec![count as i64]);
    let constants = vec![
        raw(format!("{name}/steps"), UINT8, tensor.dims.clone(), bytes?),
        TensorProto::floats(format!("{name}/step"), row.clone(), &scale),
        raw(format!("{name}/zero"), UINT8, row, grids.iter().map(|grid| grid.zero).collect()),
    ];
    let node =
        dequantize(&constants, name).with(AttributeProto::integer("axis", axis.unwrap_or_default() as i64));
    Some(Packed { node, constants, exact: true })
}

/// At most 256 even steps, zero among them.
struct Grid {
    step: f32,
    /// Steps below zero.
    zero: u8,
}

impl Grid {
    /// The grid that every one of `values` stands on, bit by bit.
    fn under(values: &[f32]) -> Option<Self> {
        let sizes = values.iter().map(|value| value.abs()).filter(|&size| size > 0.0);
        let least = sizes.fold(f32::INFINITY, f32::min);
        if least.is_infinite() {
            return Some(Self { step: 1.0, zero: 0 });
        }
        // The least value is one step from zero, or a few where the first steps are empty; then its quotient may be off
        // by the last digit.
        (1..=16_u8)
            .map(|steps| least / f32::from(steps))
            .flat_map(|step| [step, step.next_up(), step.next_down()])
            .find_map(|step| {
                let (mut lowest, mut highest) = (0.0_f32, 0.0_f32);
                for value in values {
                    let level = (value / step).round();
                    if level * step != *value {
                        return None;
                    }
                    (lowest, highest) = (lowest.min(level), highest.max(level));
                }
                (highest - lowest <= 255.0).then_some(Self { step, zero: -lowest as u8 })
            })
    }
}

/// A step per index of `axis`, the largest value at 127.
fn per_channel(tensor: &TensorProto, values: &[f32], dims: &[usize], axis: usize) -> Packed {
    let mut scale = vec![0.0_f32; dims[axis]];
    for (index, value) in values.iter().enumerate() {
        let scale = &mut scale[step_of(index, dims, Some(axis))];
        *scale = scale.max(value.abs() / 127.0);
    }
    let step = |index: usize| scale[step_of(index, dims, Some(axis))].max(f32::MIN_POSITIVE);
    let levels = values.iter().enumerate().map(|(index, value)| (value / step(index)).round() as i8);
    let bytes = levels.map(i8::cast_unsigned).collect();
    let name = tensor.label();
    let constants = vec![
        raw(format!("{name}/steps"), INT8, tensor.dims.clone(), bytes),
        TensorProto::floats(format!("{name}/step"), vec![scale.len() as i64], &scale),
    ];
    let node = dequantize(&constants, name).with(AttributeProto::integer("axis", axis as i64));
    Packed { node, constants, exact: false }
}

/// A step per block along `axis`, the largest value at 7.
fn in_blocks(tensor: &TensorProto, values: &[f32], dims: &[usize], axis: usize) -> Packed {
    let inner: usize = dims[axis + 1..].iter().product();
    let blocks = dims[axis].div_ceil(BLOCK);
    let block_of = |index: usize| {
        let (outer, at) = (index / (inner * dims[axis]), index / inner % dims[axis]);
        (outer * blocks + at / BLOCK) * inner + index % inner
    };
    let mut scale = vec![0.0_f32; values.len() / dims[axis] * blocks];
    for (index, value) in values.iter().enumerate() {
        let scale = &mut scale[block_of(index)];
        *scale = scale.max(value.abs() / 7.0);
    }
    let levels: Vec<u8> = values
        .iter()
        .enumerate()
        .map(|(index, value)| {
            let step = scale[block_of(index)].max(f32::MIN_POSITIVE);
            ((value / step).round() as i8).cast_unsigned() & 0x0f
        })
        .collect();
    let bytes = levels.chunks(2).map(|pair| pair[0] | pair.get(1).map_or(0, |high| high << 4)).collect();
    let mut by_block = tensor.dims.clone();
    by_block[axis] = blocks as i64;
    let name = tensor.label();
    let constants = vec![
        raw(format!("{name}/steps"), INT4, tensor.dims.clone(), bytes),
        TensorProto::floats(format!("{name}/step"), by_block, &scale),
    ];
    let node = dequantize(&constants, name)
        .with(AttributeProto::integer("axis", axis as i64))
        .with(AttributeProto::integer("block_size", BLOCK as i64));
    Packed { node, constants, exact: false }
}

fn dequantize(constants: &[TensorProto], name: &str) -> NodeProto {
    let input: Vec<&str> = constants.iter().map(TensorProto::label).collect();
    NodeProto::of("DequantizeLinear", &input, name)
}

fn raw(name: String, data_type: i32, dims: Vec<i64>, bytes: Vec<u8>) -> TensorProto {
    let (name, data_type, raw_data) = (Some(name), Some(data_type), Some(bytes));
    TensorProto { dims, data_type, name, raw_data, ..TensorProto::default() }
}

#[cfg(test)]
mod tests {
    use super::super::onnx::{OperatorSetIdProto, ValueInfoProto};
    use super::super::wiring::check_order;
    use super::*;

    const ROWS: i64 = 64;

    /// Two products, the second behind the pitch.
    fn model(weight: &[f32]) -> ModelProto {
        let weight = |name: &str| TensorProto::floats(name.into(), vec![ROWS, ROWS], weight);
        let graph = GraphProto {
            node: vec![
                NodeProto::of("MatMul", &["x", "before"], "a"),
                NodeProto::of("Mul", &["a", PITCH], "b"),
                NodeProto::of("MatMul", &["b", "behind"], "y"),
            ],
            input: ["x", PITCH].map(ValueInfoProto::named).to_vec(),
            output: vec![ValueInfoProto::named("y")],
            initializer: vec![weight("before"), weight("behind")],
            ..GraphProto::default()
        };
        let opset = OperatorSetIdProto { domain: None, version: Some(20) };
        ModelProto {
            ir_version: Some(9),
            graph: Some(graph),
            opset_import: vec![opset],
            ..ModelProto::default()
        }
    }

    fn uneven() -> Vec<f32> {
        (0..ROWS * ROWS).map(|i| (i as f32 * 0.7).sin()).collect()
    }

    fn constant<'a>(graph: &'a GraphProto, name: &str) -> &'a TensorProto {
        graph.initializer.iter().find(|tensor| tensor.label() == name).unwrap()
    }

    #[test]
    fn values_on_a_grid_keep_it() {
        let grid: Vec<f32> = (0..ROWS * ROWS).map(|i| (i % 200 - 90) as f32 * 0.013).collect();
        let mut model = model(&grid);
        let report = shrink(&mut model, Bits::Eight, Part::Whole).unwrap();
        assert_eq!(report, WeightReport { weights: 2, exact: 2 });
        let graph = model.graph.unwrap();
        assert!(check_order(&graph).is_ok());
        let steps = constant(&graph, "before/steps").to_bytes().unwrap();
        let (step, zero) = (constant(&graph, "before/step"), constant(&graph, "before/zero"));
        let (step, zero) = (step.to_floats().unwrap()[0], zero.to_bytes().unwrap()[0]);
        let back: Vec<f32> = steps.iter().map(|&q| f32::from(q - zero) * step).collect();
        assert_eq!(back, grid);
    }

    #[test]
    fn each_column_may_have_a_grid_of_its_own_with_its_first_steps_empty() {
        let columns = ROWS as usize;
        let grid: Vec<f32> = (0..columns * columns)
            .map(|i| {
                let (row, column) = (i / columns, i % columns);
                let level = if row == 0 { 0 } else { 2 + column % 3 + 3 * row };
                level as f32 * (0.01 + 0.001 * column as f32)
            })
            .collect();
        let report = shrink(&mut model(&grid), Bits::Eight, Part::Whole).unwrap();
        assert_eq!(report, WeightReport { weights: 2, exact: 2 });
    }

    #[test]
    fn other_values_come_back_within_half_a_step_of_their_channel() {
        let mut model = model(&uneven());
        let report = shrink(&mut model, Bits::Eight, Part::Whole).unwrap();
        assert_eq!(report, WeightReport { weights: 2, exact: 0 });
        let graph = model.graph.unwrap();
        let steps = constant(&graph, "before/steps").to_bytes().unwrap();
        let step = constant(&graph, "before/step").to_floats().unwrap();
        for (index, (&q, value)) in steps.iter().zip(uneven()).enumerate() {
            let step = step[index % ROWS as usize];
            assert!((f32::from(q) * step - value).abs() <= 0.501 * step);
        }
    }

    #[test]
    fn the_encoder_alone_is_what_does_not_depend_on_the_pitch() {
        let mut model = model(&uneven());
        shrink(&mut model, Bits::Eight, Part::Encoder).unwrap();
        let graph = model.graph.unwrap();
        assert_eq!(graph.node[0].output, ["before"]);
        assert_eq!(constant(&graph, "behind").to_floats().unwrap(), uneven());
    }

    #[test]
    fn four_bits_have_a_step_per_block_of_inputs_and_a_newer_opset() {
        let mut model = model(&uneven());
        shrink(&mut model, Bits::Four, Part::Whole).unwrap();
        assert_eq!((model.ir_version, model.opset_import[0].version), (Some(10), Some(21)));
        let graph = model.graph.unwrap();
        let packed = constant(&graph, "before/steps").raw_data.as_ref().unwrap();
        let step = constant(&graph, "before/step");
        assert_eq!((packed.len() as i64, &step.dims), (ROWS * ROWS / 2, &vec![2, ROWS]));
        let step = step.to_floats().unwrap();
        for (index, value) in uneven().into_iter().enumerate() {
            let nibble = packed[index / 2] >> (4 * (index % 2));
            let level = ((nibble << 4).cast_signed() >> 4) as f32;
            let (row, column) = (index / ROWS as usize, index % ROWS as usize);
            let step = step[row / BLOCK * ROWS as usize + column];
            assert!((level * step - value).abs() <= 0.501 * step);
        }
    }

    #[test]
    fn a_graph_without_large_weights_is_refused() {
        let mut model = model(&uneven());
        model.graph.as_mut().unwrap().initializer.clear();
        assert!(matches!(shrink(&mut model, Bits::Eight, Part::Whole), Err(GraphError::NoWeights)));
    }
}
