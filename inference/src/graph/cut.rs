//! Cuts the float graph before the generator, so that only what comes before it is left to the runtime.

use super::durations::DURATIONS;
use super::onnx::{AttributeProto, FLOAT, GraphProto, NodeProto, TensorTypeProto, TypeProto, ValueInfoProto};
use super::wiring::prune;
use super::{GraphError, PITCH, generator, slices};
use crate::generator::GeneratorWeights;

/// The name of the output that the generator starts from: f32 `[1, 512, frames]`, 80 frames per second.
pub const HIDDEN: &str = "hidden";
/// The name of the output that holds the harmonic source: f32 `[1, samples, 1]`, 300 samples for each frame.
///
/// It stays with the runtime, because what the generator makes of it hangs on its last bit: where the voice is silent,
/// bins of its spectrum hold nothing but rounding.
pub const SOURCE: &str = "source";
/// The name of the output that holds the style's share of the generator's normalisations: f32 `[1, values, 1]`. Where
/// those of a layer are, the [`Layer`](crate::generator::Layer) tells.
pub const STYLE: &str = "generator_style";

/// Leaves of `graph` what comes before the generator, and gives what the generator learned.
pub(super) fn cut(graph: &mut GraphProto) -> Result<GeneratorWeights, GraphError> {
    let found = generator::find(graph)?;
    rename(graph, &found.hidden, HIDDEN);
    rename(graph, &found.source, SOURCE);
    let style: Vec<&str> = found.style.iter().map(String::as_str).collect();
    graph.node.push(NodeProto::of("Concat", &style, STYLE).with(AttributeProto::integer("axis", 1)));
    graph.output.retain(|output| output.name.as_deref() == Some(DURATIONS));
    graph.output.extend([HIDDEN, SOURCE, STYLE].map(floats));
    prune(graph);
    slices::slice(graph, PITCH);
    Ok(found.weights)
}

/// Calls the tensor `from` `to`.
fn rename(graph: &mut GraphProto, from: &str, to: &str) {
    let names = graph.node.iter_mut().flat_map(|node| node.input.iter_mut().chain(&mut node.output));
    for name in names.filter(|name| *name == from) {
        to.clone_into(name);
    }
    graph.value_info.retain(|value| value.name.as_deref() != Some(from));
}

fn floats(name: &str) -> ValueInfoProto {
    let float = TensorTypeProto { elem_type: Some(FLOAT), shape: None };
    ValueInfoProto {
        name: Some(name.into()),
        r#type: Some(TypeProto { tensor_type: Some(float), ..TypeProto::default() }),
        ..ValueInfoProto::default()
    }
}

#[cfg(test)]
mod tests {
    use super::super::ENERGY;
    use super::super::onnx::ModelProto;
    use super::*;
    use crate::generator::Stage;
    use crate::runtime::{Model, Runtime};
    use crate::{SessionOptions, cache};
    use ort::value::TensorRef;
    use prost::Message;

    fn float() -> Option<Vec<u8>> {
        let int8 = std::fs::read(cache::kokoro_int8()?).unwrap();
        Some(super::super::rebuild_float(&int8).unwrap().0)
    }

    #[test]
    fn every_layer_has_its_sizes_and_the_styles_of_no_other() {
        let Some(float) = float() else { return };
        let (trunk, weights) = super::super::cut(&float).unwrap();
        let layers: Vec<_> = weights.stages.iter().flat_map(Stage::layers).collect();
        assert_eq!(layers.len(), 48);
        let mut place = 0;
        for (index, layer) in layers.iter().enumerate() {
            let channels = if index < 24 { 256 } else { 128 };
            assert_eq!((layer.style, layer.alpha.len()), (place, channels));
            assert_eq!(layer.conv.weights.len(), channels * channels * layer.conv.taps);
            assert_eq!(layer.conv.bias.len(), channels);
            place += 2 * channels;
        }
        assert_eq!(place, 2 * 24 * (256 + 128));
        let taps: Vec<usize> = layers.iter().step_by(6).map(|layer| layer.conv.taps).collect();
        assert_eq!(taps, [7, 3, 7, 11, 11, 3, 7, 11]);
        let dilations: Vec<usize> = layers[..6].iter().map(|layer| layer.conv.dilation).collect();
        assert_eq!(dilations, [1, 1, 3, 1, 5, 1]);
        let [first, second] = &weights.stages;
        assert_eq!((first.upsample.weights.len(), first.upsample.taps), (512 * 256 * 20, 20));
        assert_eq!((second.upsample.weights.len(), second.upsample.taps), (256 * 128 * 12, 12));
        assert_eq!((first.source.weights.len(), second.source.weights.len()), (256 * 22 * 12, 128 * 22));
        assert_eq!(weights.post.weights.len(), 22 * 128 * 7);
        assert_eq!((weights.inverse.len(), weights.window.len(), weights.window_sum.len()), (440, 20, 20));
        assert!((weights.window[10] - 1.0).abs() < 1e-6 && weights.window[0].abs() < 1e-6);
        let graph = ModelProto::decode(trunk.as_slice()).unwrap().graph.unwrap();
        let input: Vec<_> = graph.input.iter().filter_map(|input| input.name.as_deref()).collect();
        assert_eq!(input, ["tokens", "style", "speed", PITCH, ENERGY]);
        let output: Vec<_> = graph.output.iter().filter_map(|output| output.name.as_deref()).collect();
        assert_eq!(output, [DURATIONS, HIDDEN, SOURCE, STYLE]);
        assert!(!graph.node.iter().any(|node| node.op() == "STFT"));
        let slices = graph.node.iter().filter(|node| node.label().contains("slice")).count();
        assert_eq!(slices, 4 * 6 + 3 * 7 + 4 + 2 + 4 + 3 * 3 + 2 + 2, "slices of the decoder's convolutions");
    }

    fn run(runtime: &Runtime, model: &[u8], names: &[&str]) -> Vec<Vec<f32>> {
        let options = SessionOptions::on_cpu(1);
        let mut session = runtime.session("quality", &options, Model::Bytes(model)).unwrap();
        let tokens = [0_i64, 50, 83, 54, 156, 31, 4, 0];
        let style: Vec<f32> = (0..256).map(|i| (i as f32 * 0.7).sin() * 0.1).collect();
        let (speed, pitch, energy) = ([1.0_f32], [1.1_f32], [0.9_f32]);
        let outputs = session
            .run(ort::inputs![
                TensorRef::from_array_view(([1, tokens.len()], tokens.as_slice())).unwrap(),
                TensorRef::from_array_view(([1, 256], style.as_slice())).unwrap(),
                TensorRef::from_array_view(([1], speed.as_slice())).unwrap(),
                TensorRef::from_array_view(([1], pitch.as_slice())).unwrap(),
                TensorRef::from_array_view(([1], energy.as_slice())).unwrap(),
            ])
            .unwrap();
        names.iter().map(|&name| outputs[name].try_extract_tensor::<f32>().unwrap().1.to_vec()).collect()
    }

    #[test]
    fn the_trunk_gives_what_the_whole_graph_has_at_the_cut() {
        let (Some(library), Some(float)) = (cache::runtime(), float()) else { return };
        let runtime = Runtime::load(&library).unwrap();
        let mut whole = ModelProto::decode(float.as_slice()).unwrap();
        let graph = whole.graph.as_mut().unwrap();
        let found = generator::find(graph).unwrap();
        let scale = &found.style[0];
        graph.output.extend([&found.hidden, &found.source, scale].map(|name| floats(name)));
        let expected =
            run(&runtime, &whole.encode_to_vec(), &[DURATIONS, &found.hidden, &found.source, scale]);
        let (trunk, _) = super::super::cut(&float).unwrap();
        let given = run(&runtime, &trunk, &[DURATIONS, HIDDEN, SOURCE, STYLE]);
        let frames = given[2].len() / 300;
        assert_eq!(given[0].iter().sum::<f32>() as usize * 2, frames);
        assert_eq!(given[1].len(), 512 * frames);
        assert_eq!(given[3].len(), 2 * 24 * (256 + 128));
        assert!(given[..3] == expected[..3] && given[3][..256] == expected[3]);
    }

    #[test]
    fn a_graph_without_a_generator_is_refused() {
        assert!(matches!(
            super::super::cut(
                &ModelProto { graph: Some(GraphProto::default()), ..ModelProto::default() }.encode_to_vec()
            ),
            Err(GraphError::Generator { found: 0 })
        ));
    }
}
