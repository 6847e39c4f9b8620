//! Shows the token durations as an output of the graph.
//!
//! Both models end their duration predictor alike: the predicted length is divided by the input that sets the tempo,
//! rounded, and kept at one or more. What comes out of that is how many units each token lasts.

use super::GraphError;
use super::onnx::{FLOAT, GraphProto, TensorTypeProto, TypeProto, ValueInfoProto};
use super::wiring::Wiring;

/// The name of the output: f32 `[1, tokens]` (`[tokens]` in some exports), units of 25 ms
/// per token, pads included.
pub const DURATIONS: &str = "durations";

/// Renames the duration predictor's result to [`DURATIONS`] and adds it to the outputs.
pub(super) fn expose(graph: &mut GraphProto) -> Result<(), GraphError> {
    let found = predictor_ends(graph);
    let &[clip] = found.as_slice() else {
        return Err(GraphError::Durations { found: found.len() });
    };
    let old = std::mem::replace(&mut graph.node[clip].output[0], DURATIONS.into());
    for input in graph.node.iter_mut().flat_map(|node| &mut node.input).filter(|input| **input == old) {
        *input = DURATIONS.into();
    }
    graph.value_info.retain(|value| value.name.as_ref() != Some(&old));
    let float = TensorTypeProto { elem_type: Some(FLOAT), shape: None };
    graph.output.push(ValueInfoProto {
        name: Some(DURATIONS.into()),
        r#type: Some(TypeProto { tensor_type: Some(float), ..TypeProto::default() }),
        ..ValueInfoProto::default()
    });
    Ok(())
}

/// Every `Clip` over a `Round` over a `Div` by an input of the graph.
fn predictor_ends(graph: &GraphProto) -> Vec<usize> {
    let wiring = Wiring::of(graph);
    let is_input = |name: &str| graph.input.iter().any(|input| input.name.as_deref() == Some(name));
    let ends = graph.node.iter().enumerate().filter(|(clip, node)| {
        node.op() == "Clip"
            && wiring
                .maker_of(graph, *clip, 0, "Round")
                .and_then(|round| wiring.maker_of(graph, round, 0, "Div"))
                .and_then(|div| graph.node[div].input.get(1))
                .is_some_and(|divisor| is_input(divisor))
    });
    ends.map(|(clip, _)| clip).collect()
}

#[cfg(test)]
mod tests {
    use super::super::onnx::NodeProto;
    use super::*;

    fn predictor(divisor: &str) -> GraphProto {
        GraphProto {
            node: vec![
                NodeProto::of("Div", &["length", divisor], "q"),
                NodeProto::of("Round", &["q"], "r"),
                NodeProto::of("Clip", &["r", "one"], "frames"),
                NodeProto::of("Cast", &["frames"], "y"),
            ],
            input: vec![ValueInfoProto::named("length"), ValueInfoProto::named("tempo")],
            output: vec![ValueInfoProto::named("y")],
            value_info: vec![ValueInfoProto::named("r"), ValueInfoProto::named("frames")],
            ..GraphProto::default()
        }
    }

    #[test]
    fn the_predictors_end_becomes_an_output_and_stays_wired() {
        let mut graph = predictor("tempo");
        expose(&mut graph).unwrap();
        assert_eq!(graph.output[1].name.as_deref(), Some(DURATIONS));
        assert_eq!(graph.node[2].output, [DURATIONS]);
        assert_eq!(graph.node[3].input, [DURATIONS]);
        assert_eq!(graph.value_info, [ValueInfoProto::named("r")]);
    }

    #[test]
    fn rounding_that_no_tempo_went_into_is_not_a_duration() {
        let error = expose(&mut predictor("other")).unwrap_err();
        assert!(matches!(error, GraphError::Durations { found: 0 }));
    }

    #[test]
    fn two_predictors_are_one_too_many() {
        let mut graph = predictor("tempo");
        graph.node.extend(predictor("tempo").node);
        assert!(matches!(expose(&mut graph), Err(GraphError::Durations { found: 2 })));
    }
}
