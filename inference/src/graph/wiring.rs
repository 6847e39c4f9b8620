//! Who makes a tensor and who takes it.

use std::collections::{HashMap, HashSet};

use super::GraphError;
use super::onnx::{GraphProto, NodeProto, TensorProto};

/// An index over the nodes of a graph, valid until a node is added, moved or taken away.
pub(super) struct Wiring {
    makers: HashMap<String, usize>,
    takers: HashMap<String, Vec<usize>>,
}

impl Wiring {
    pub(super) fn of(graph: &GraphProto) -> Self {
        let mut makers = HashMap::new();
        let mut takers: HashMap<String, Vec<usize>> = HashMap::new();
        for (index, node) in graph.node.iter().enumerate() {
            for output in node.output.iter().filter(|name| !name.is_empty()) {
                makers.insert(output.clone(), index);
            }
            for input in node.input.iter().filter(|name| !name.is_empty()) {
                takers.entry(input.clone()).or_default().push(index);
            }
        }
        Self { makers, takers }
    }

    /// The node that makes `tensor`; `None` for constants and inputs.
    pub(super) fn maker(&self, tensor: &str) -> Option<usize> {
        self.makers.get(tensor).copied()
    }

    /// The nodes that take `tensor`.
    pub(super) fn takers(&self, tensor: &str) -> &[usize] {
        self.takers.get(tensor).map_or(&[], Vec::as_slice)
    }

    /// The one node that takes the first output of `node`, if it is one and of kind `op`.
    pub(super) fn only_taker(&self, graph: &GraphProto, node: usize, op: &str) -> Option<usize> {
        match self.takers(graph.node[node].output.first()?) {
            &[taker] if graph.node[taker].op() == op => Some(taker),
            _ => None,
        }
    }

    /// The node that makes input `slot` of `node`, if it is of kind `op`.
    pub(super) fn maker_of(&self, graph: &GraphProto, node: usize, slot: usize, op: &str) -> Option<usize> {
        let maker = self.maker(graph.node[node].input.get(slot)?)?;
        (graph.node[maker].op() == op).then_some(maker)
    }
}

/// Which nodes depend on `tensor`, directly or by way of others.
pub(super) fn dependants(graph: &GraphProto, tensor: &str) -> Vec<bool> {
    let mut reached: HashSet<&str> = HashSet::from([tensor]);
    graph
        .node
        .iter()
        .map(|node| {
            let depends = inputs_of(node).any(|input| reached.contains(input));
            if depends {
                reached.extend(node.output.iter().map(String::as_str));
            }
            depends
        })
        .collect()
}

/// The constants of a graph by name.
pub(super) fn constants(graph: &GraphProto) -> HashMap<&str, &TensorProto> {
    graph.initializer.iter().map(|tensor| (tensor.label(), tensor)).collect()
}

/// Puts other nodes in the place of some; `replacements` holds a place and what comes there.
pub(super) fn replace(graph: &mut GraphProto, replacements: HashMap<usize, Vec<NodeProto>>) {
    let mut replacements = replacements;
    let nodes = std::mem::take(&mut graph.node).into_iter().enumerate();
    graph.node =
        nodes.flat_map(|(place, node)| replacements.remove(&place).unwrap_or_else(|| vec![node])).collect();
}

/// Puts what `write` makes of a node in its place, for each that depends on `from`, and takes away what is needed no more;
/// tells how many nodes were written anew. `write` also gets the graph's constants, and leaves those that are new by their
/// names.
pub(super) fn rewrite_behind(
    graph: &mut GraphProto,
    from: &str,
    write: impl Fn(
        &NodeProto,
        &HashMap<&str, &TensorProto>,
        &mut HashMap<String, TensorProto>,
    ) -> Option<Vec<NodeProto>>,
) -> usize {
    let depends = dependants(graph, from);
    let mut tensors = HashMap::new();
    let replacements: HashMap<usize, Vec<NodeProto>> = {
        let constants = constants(graph);
        let nodes = graph.node.iter().enumerate().filter(|&(index, _)| depends[index]);
        nodes.filter_map(|(index, node)| Some((index, write(node, &constants, &mut tensors)?))).collect()
    };
    let rewritten = replacements.len();
    let mut tensors: Vec<TensorProto> = tensors.into_values().collect();
    tensors.sort_by(|a, b| a.label().cmp(b.label()));
    graph.initializer.append(&mut tensors);
    replace(graph, replacements);
    prune(graph);
    rewritten
}

/// Every tensor that a node takes, those that its subgraphs take from outside among them.
fn inputs_of(node: &NodeProto) -> Box<dyn Iterator<Item = &str> + '_> {
    let subgraphs = node.attribute.iter().flat_map(|a| a.g.iter().chain(&a.graphs));
    let inner = subgraphs.flat_map(|graph| {
        let outputs = graph.output.iter().filter_map(|output| output.name.as_deref());
        graph.node.iter().flat_map(inputs_of).chain(outputs)
    });
    Box::new(node.input.iter().map(String::as_str).chain(inner).filter(|name| !name.is_empty()))
}

/// Takes away nodes that no output depends on, and constants and value types that no node is left for.
pub(super) fn prune(graph: &mut GraphProto) {
    let mut live: HashSet<String> = graph.output.iter().filter_map(|o| o.name.clone()).collect();
    let mut kept: Vec<NodeProto> = Vec::with_capacity(graph.node.len());
    for node in std::mem::take(&mut graph.node).into_iter().rev() {
        if node.output.iter().any(|output| live.contains(output)) {
            live.extend(inputs_of(&node).map(str::to_owned));
            kept.push(node);
        }
    }
    kept.reverse();
    live.extend(kept.iter().flat_map(|node| node.output.iter().cloned()));
    graph.node = kept;
    graph.initializer.retain(|tensor| live.contains(tensor.label()));
    graph.value_info.retain(|value| value.name.as_ref().is_some_and(|name| live.contains(name)));
}

/// Sees that every node stands after those that it takes its inputs from.
pub(super) fn check_order(graph: &GraphProto) -> Result<(), GraphError> {
    let mut made: HashSet<&str> = graph.input.iter().filter_map(|input| input.name.as_deref()).collect();
    made.extend(graph.initializer.iter().map(TensorProto::label));
    for node in &graph.node {
        let ready = node.input.iter().all(|name| name.is_empty() || made.contains(name.as_str()));
        let fresh = node.output.iter().all(|name| name.is_empty() || made.insert(name));
        if !(ready && fresh) {
            return Err(GraphError::Order { node: node.label() });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::onnx::ValueInfoProto;
    use super::*;

    fn node(op: &str, input: &[&str], output: &[&str]) -> NodeProto {
        NodeProto {
            op_type: Some(op.into()),
            input: input.iter().map(|&s| s.into()).collect(),
            output: output.iter().map(|&s| s.into()).collect(),
            ..NodeProto::default()
        }
    }

    fn graph(node: Vec<NodeProto>) -> GraphProto {
        GraphProto {
            node,
            input: vec![ValueInfoProto::named("x")],
            output: vec![ValueInfoProto::named("y")],
            initializer: vec![
                TensorProto::floats("used".into(), vec![1], &[1.0]),
                TensorProto::floats("unused".into(), vec![1], &[1.0]),
            ],
            value_info: vec![ValueInfoProto::named("a"), ValueInfoProto::named("b")],
            ..GraphProto::default()
        }
    }

    #[test]
    fn what_no_output_depends_on_is_pruned() {
        let mut graph = graph(vec![
            node("Neg", &["x"], &["a"]),
            node("Abs", &["x"], &["b"]),
            node("Neg", &["b"], &["c"]),
            node("Add", &["a", "used"], &["y"]),
        ]);
        prune(&mut graph);
        assert_eq!(graph.node.iter().map(NodeProto::op).collect::<Vec<_>>(), ["Neg", "Add"]);
        assert_eq!(graph.initializer.len(), 1);
        assert_eq!(graph.value_info, [ValueInfoProto::named("a")]);
    }

    #[test]
    fn what_depends_on_a_tensor_is_found_through_other_nodes() {
        let graph = graph(vec![
            node("Neg", &["other"], &["a"]),
            node("Abs", &["x"], &["b"]),
            node("Add", &["a", "b"], &["c"]),
            node("Neg", &["a"], &["y"]),
        ]);
        assert_eq!(dependants(&graph, "x"), [false, true, true, false]);
    }

    #[test]
    fn one_node_is_replaced_by_several_in_its_place() {
        let mut graph = graph(vec![node("Neg", &["x"], &["a"]), node("Abs", &["a"], &["y"])]);
        let two = vec![node("Exp", &["x"], &["b"]), node("Log", &["b"], &["a"])];
        replace(&mut graph, HashMap::from([(0, two)]));
        assert_eq!(graph.node.iter().map(NodeProto::op).collect::<Vec<_>>(), ["Exp", "Log", "Abs"]);
    }

    #[test]
    fn an_input_made_later_breaks_the_order() {
        let right = graph(vec![node("Neg", &["x"], &["a"]), node("Neg", &["a"], &["y"])]);
        assert!(check_order(&right).is_ok());
        let wrong = graph(vec![node("Neg", &["a"], &["y"]), node("Neg", &["x"], &["a"])]);
        assert!(matches!(check_order(&wrong), Err(GraphError::Order { .. })));
    }
}
