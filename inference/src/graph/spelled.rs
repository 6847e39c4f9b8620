//! Kokoro's generator as exports spell it out, node by node, with weights that say nothing; and the same spoilt in one
//! place, which the search has to refuse.

use super::generator::{dims, find};
use super::onnx::{AttributeProto, GraphProto, NodeProto, TensorProto};
use crate::generator::Stage;
use crate::generator::structure::{DILATIONS, POST_TAPS, Rate, SPECTRUM, STAGES, StageShape, TAPS, WINDOW};

/// A graph that grows node by node; every node is called as what it makes.
#[derive(Default)]
struct Writer(GraphProto);

impl Writer {
    fn floats<const N: usize>(&mut self, name: &str, sizes: [usize; N], value: f32) {
        let values = vec![value; sizes.iter().product()];
        self.0.initializer.push(TensorProto::floats(name.into(), dims(sizes).to_vec(), &values));
    }

    fn integers(&mut self, name: &str, values: &[i64]) {
        self.0.initializer.push(TensorProto::integers(name.into(), values));
    }

    fn node(&mut self, op: &str, input: &[&str], output: &str) -> &mut NodeProto {
        self.0.node.push(NodeProto::of(op, input, output));
        self.0.node.last_mut().unwrap()
    }

    /// A convolution of `input`, from so many channels to so many others, transposed or not.
    fn convolution(
        &mut self,
        (op, input, output): (&str, &str, &str),
        [inputs, outputs]: [usize; 2],
        Rate { taps, step, ends }: Rate,
        dilation: usize,
    ) {
        let (weights, bias) = (format!("{output}.weights"), format!("{output}.bias"));
        let channels = if op == "Conv" { [outputs, inputs] } else { [inputs, outputs] };
        self.floats(&weights, [channels[0], channels[1], taps], 0.0);
        self.floats(&bias, [outputs], 0.0);
        let node = self.node(op, &[input, &weights, &bias], output);
        for (name, values) in
            [("strides", vec![step]), ("dilations", vec![dilation]), ("pads", vec![ends, ends])]
        {
            let values: Vec<i64> = values.into_iter().map(|value| value as i64).collect();
            node.attribute.push(AttributeProto::integers(name, &values));
        }
        node.attribute.push(AttributeProto::integer("group", 1));
    }

    fn leaky(&mut self, input: &str, output: &str, slope: f32) {
        self.node("LeakyRelu", &[input], output).attribute.push(AttributeProto::float("alpha", slope));
    }

    /// The layer called `name` over `x`, with its convolution.
    fn layer(&mut self, name: &str, x: &str, channels: usize, (taps, dilation): (usize, usize)) {
        let of = |part: &str| format!("{name}.{part}");
        for part in ["alpha", "inverse"] {
            self.floats(&of(part), [1, channels, 1], 1.0);
        }
        let mut node = |op: &str, input: [&str; 2], output: &str| {
            let named = |input: &str| match input {
                "x" => x.to_owned(),
                "time" | "epsilon" | "two" => input.to_owned(),
                own => of(own),
            };
            let [first, second] = input.map(named);
            let both: [&str; 2] = [&first, &second];
            let input = if second.ends_with('.') { &both[..1] } else { &both };
            self.node(op, input, &of(output));
        };
        node("ReduceMean", ["x", "time"], "mean");
        node("Sub", ["x", "mean"], "centred");
        node("Mul", ["centred", "centred"], "squares");
        node("ReduceMean", ["squares", "time"], "variance");
        node("Add", ["variance", "epsilon"], "sum");
        node("Sqrt", ["sum", ""], "root");
        node("Div", ["centred", "root"], "normal");
        node("Mul", ["scale", "normal"], "scaled");
        node("Add", ["scaled", "shift"], "z");
        node("Mul", ["alpha", "z"], "az");
        node("Sin", ["az", ""], "sine");
        node("Pow", ["sine", "two"], "square");
        node("Mul", ["inverse", "square"], "bump");
        node("Add", ["z", "bump"], "snake");
        let rate = Rate { taps, step: 1, ends: taps / 2 * dilation };
        self.convolution(("Conv", &of("snake"), name), [channels, channels], rate, dilation);
    }

    /// The block called `name` over `x`.
    fn block(&mut self, name: &str, x: &str, channels: usize, taps: usize) {
        let mut from = x.to_owned();
        for (pair, dilations) in DILATIONS.as_chunks::<2>().0.iter().enumerate() {
            let layers = [0, 1].map(|layer| format!("{name}.layer{}", 2 * pair + layer + 1));
            self.layer(&layers[0], &from, channels, (taps, dilations[0]));
            self.layer(&layers[1], &layers[0], channels, (taps, dilations[1]));
            let sum = if pair == 2 { name.to_owned() } else { format!("{name}.state{}", pair + 1) };
            self.node("Add", &[&layers[1], &from], &sum);
            from = sum;
        }
    }

    /// The stage called `name` over `x`.
    fn stage(&mut self, name: &str, x: &str, shape: StageShape) {
        let StageShape { inputs, channels, upsample, source, source_taps, mirrored } = shape;
        let of = |part: &str| format!("{name}.{part}");
        self.leaky(x, &of("rectified"), 0.1);
        let rectified = of("rectified");
        self.convolution(("ConvTranspose", &rectified, &of("upsampled")), [inputs, channels], upsample, 1);
        self.convolution(("Conv", "spectrum", &of("sourced")), [SPECTRUM, channels], source, 1);
        self.block(&of("source"), &of("sourced"), channels, source_taps);
        let upsampled = if mirrored {
            let node = self.node("Pad", &[&of("upsampled"), "one row"], &of("mirrored"));
            node.attribute.push(text("mode", "reflect"));
            of("mirrored")
        } else {
            of("upsampled")
        };
        self.node("Add", &[&upsampled, &of("source")], &of("entry"));
        for taps in TAPS {
            self.block(&of(&format!("block{taps}")), &of("entry"), channels, taps);
        }
        let [first, second, third] = TAPS.map(|taps| of(&format!("block{taps}")));
        self.node("Add", &[&first, &second], &of("two blocks"));
        self.node("Add", &[&of("two blocks"), &third], &of("three blocks"));
        self.node("Div", &[&of("three blocks"), "three"], name);
    }

    /// From the source's samples to its spectrum.
    fn transform(&mut self) {
        let list = |name: &str, values: &[i64]| AttributeProto::integers(name, values);
        let axis = |axis: i64| AttributeProto::integer("axis", axis);
        self.node("Tanh", &["harmonics"], "wave");
        self.node("Transpose", &["wave"], "row").attribute.push(list("perm", &[0, 2, 1]));
        self.node("Squeeze", &["row", "axis 1"], "squeezed");
        self.node("Reshape", &["squeezed", "shape"], "shaped");
        let node = self.node("Pad", &["shaped", "half a window"], "padded");
        node.attribute.push(text("mode", "reflect"));
        self.node("Reshape", &["padded", "shape"], "signal");
        self.node("STFT", &["signal", "five", "window", "twenty"], "stft")
            .attribute
            .push(AttributeProto::integer("onesided", 1));
        self.node("Transpose", &["stft"], "turned").attribute.push(list("perm", &[0, 2, 1, 3]));
        for (index, part) in [("0", "re"), ("1", "im")] {
            self.node("Gather", &["turned", index], part).attribute.push(axis(3));
            self.node("Pow", &[part, "two"], &format!("{part} squared"));
        }
        self.node("Add", &["re squared", "im squared"], "power");
        self.node("Sqrt", &["power"], "magnitude");
        self.node("Div", &["im", "re"], "ratio");
        self.node("Atan", &["ratio"], "angle");
        self.node("Greater", &["im", "zero"], "above");
        self.node("Less", &["re", "zero"], "left");
        self.node("Add", &["angle", "pi"], "further");
        self.node("Sub", &["angle", "pi"], "nearer");
        self.node("Where", &["above", "further", "nearer"], "turned by half");
        self.node("Where", &["left", "turned by half", "angle"], "phase");
        self.node("Concat", &["magnitude", "phase"], "spectrum").attribute.push(axis(1));
    }

    /// From the last stage's rows to samples.
    fn inverse(&mut self, x: &str) {
        let axis = |axis: i64| AttributeProto::integer("axis", axis);
        self.leaky(x, "rectified", 0.01);
        let rate = Rate { taps: POST_TAPS, step: 1, ends: POST_TAPS / 2 };
        self.convolution(("Conv", "rectified", "post"), [STAGES[1].channels, SPECTRUM], rate, 1);
        self.node("Slice", &["post", "from 0", "to 11", "axis 1", "step 1"], "low");
        self.node("Slice", &["post", "to 11", "the end", "axis 1", "step 1"], "high");
        self.node("Exp", &["low"], "magnitudes");
        self.node("Sin", &["high"], "phases");
        self.node("Cos", &["phases"], "cosine");
        self.node("Sin", &["phases"], "sine");
        self.node("Mul", &["magnitudes", "cosine"], "real");
        self.node("Mul", &["magnitudes", "sine"], "imaginary");
        self.node("Concat", &["real", "imaginary"], "both").attribute.push(axis(1));
        let node = self.node("ConvTranspose", &["both", "basis"], "frames");
        for (name, values) in [("strides", &[5][..]), ("dilations", &[1]), ("pads", &[0, 0])] {
            node.attribute.push(AttributeProto::integers(name, values));
        }
        self.node("Squeeze", &["frames", "axis 1"], "summed");
        self.node("Slice", &["window sums", "from 0", "as many"], "sums");
        self.node("Greater", &["sums", "tiny"], "divisible");
        self.node("NonZero", &["divisible"], "place");
        self.node("Transpose", &["place"], "places");
        self.node("Gather", &["sums", "places"], "divisors").attribute.push(axis(0));
        self.node("Gather", &["summed", "places"], "dividends").attribute.push(axis(1));
        self.node("Div", &["dividends", "divisors"], "quotients");
        self.node("Reshape", &["quotients", "shape"], "reshaped");
        self.node("ScatterND", &["summed", "indices", "reshaped"], "divided");
        self.node("Unsqueeze", &["divided", "axis 1"], "unsqueezed");
        self.node("Mul", &["unsqueezed", "four"], "louder");
        self.node("Slice", &["louder", "ten", "the end", "axis 2", "step 1"], "begun");
        self.node("Slice", &["begun", "from 0", "minus ten", "axis 2", "step 1"], "samples");
    }
}

/// The generator over `hidden` and `harmonics`; its samples are `samples`.
fn generator() -> GraphProto {
    let mut writer = Writer::default();
    for (name, value) in [
        ("epsilon", 1e-5),
        ("two", 2.0),
        ("three", 3.0),
        ("four", 4.0),
        ("zero", 0.0),
        ("pi", std::f32::consts::PI),
        ("tiny", f32::MIN_POSITIVE),
    ] {
        writer.floats(name, [], value);
    }
    for (name, values) in [
        ("time", &[2][..]),
        ("0", &[0]),
        ("1", &[1]),
        ("five", &[5]),
        ("twenty", &[20]),
        ("ten", &[10]),
        ("minus ten", &[-10]),
        ("from 0", &[0]),
        ("to 11", &[11]),
        ("the end", &[i64::MAX]),
        ("axis 1", &[1]),
        ("axis 2", &[2]),
        ("step 1", &[1]),
        ("one row", &[0, 0, 1, 0, 0, 0]),
        ("half a window", &[0, 0, 10, 0, 0, 10]),
    ] {
        writer.integers(name, values);
    }
    writer.floats("window", [WINDOW], 1.0);
    writer.floats("window sums", [WINDOW], 1.0);
    writer.floats("basis", [SPECTRUM, 1, WINDOW], 0.0);
    writer.transform();
    let [first, second] = STAGES;
    writer.stage("stage1", "hidden", first);
    writer.stage("stage2", "stage1", second);
    writer.inverse("stage2");
    writer.0
}

/// The node that makes `output`.
fn node<'g>(graph: &'g mut GraphProto, output: &str) -> &'g mut NodeProto {
    graph.node.iter_mut().find(|node| node.output == [output]).unwrap()
}

fn text(name: &str, value: &str) -> AttributeProto {
    AttributeProto { name: Some(name.into()), s: Some(value.into()), ..AttributeProto::default() }
}

/// Gives `node` the attribute `new` in the place of one of the same name.
fn set(node: &mut NodeProto, new: AttributeProto) {
    node.attribute.retain(|attribute| attribute.name != new.name);
    node.attribute.push(new);
}

#[test]
fn the_generator_is_found_as_exports_spell_it_out() {
    let found = find(&generator()).unwrap();
    assert_eq!((found.hidden.as_str(), found.source.as_str()), ("hidden", "wave"));
    assert_eq!(found.style.len(), 2 * 48);
    assert_eq!(found.style[0], "stage1.source.layer1.scale");
    assert_eq!(found.style[95], "stage2.block11.layer6.shift");
    assert_eq!(found.weights.stages.iter().flat_map(Stage::layers).count(), 48);
}

#[test]
fn a_constant_that_the_native_generator_takes_as_given_is_refused_by_name_when_it_is_another() {
    let mut graph = generator();
    graph.initializer.extend([
        TensorProto::floats("other".into(), vec![], &[0.5]),
        TensorProto::integers("others".into(), &[7]),
        TensorProto::integers("other rows".into(), &[0, 0, 0, 0, 0, 1]),
    ]);
    let right = graph.node.clone();
    for (name, slot, other) in [
        ("stft", 1, "others"),
        ("stft", 3, "others"),
        ("padded", 1, "other rows"),
        ("re", 1, "1"),
        ("im", 1, "0"),
        ("re squared", 1, "other"),
        ("above", 1, "other"),
        ("left", 0, "im"),
        ("further", 1, "other"),
        ("nearer", 1, "other"),
        ("ratio", 0, "re"),
        ("stage1", 1, "two"),
        ("stage2.mirrored", 1, "other rows"),
        ("stage2.block7.layer3.mean", 1, "0"),
        ("stage2.block7.layer3.variance", 1, "0"),
        ("stage2.block7.layer3.squares", 1, "stage2.block7.layer3.mean"),
        ("stage2.block7.layer3.sum", 1, "other"),
        ("stage2.block7.layer3.square", 1, "three"),
        ("low", 1, "ten"),
        ("low", 2, "ten"),
        ("low", 3, "axis 2"),
        ("low", 4, "axis 2"),
        ("high", 1, "ten"),
        ("high", 2, "twenty"),
        ("divisible", 1, "other"),
        ("sums", 1, "ten"),
        ("louder", 1, "two"),
        ("begun", 1, "five"),
        ("samples", 2, "ten"),
    ] {
        graph.node.clone_from(&right);
        node(&mut graph, name).input[slot] = other.into();
        let said = find(&graph).err().map(|error| error.to_string()).unwrap_or_default();
        assert!(said.starts_with(&format!("{name} (")), "{name}, input {slot}: '{said}'");
    }
}

#[test]
fn an_attribute_that_the_native_generator_takes_as_given_is_refused_by_name_when_it_is_another() {
    let mut graph = generator();
    let right = graph.node.clone();
    let list = AttributeProto::integers;
    let one = AttributeProto::integer;
    for (name, other) in vec![
        ("stft", one("onesided", 0)),
        ("padded", text("mode", "constant")),
        ("row", list("perm", &[0, 1, 2])),
        ("turned", list("perm", &[0, 1, 2, 3])),
        ("re", one("axis", 2)),
        ("spectrum", one("axis", 2)),
        ("both", one("axis", 0)),
        ("frames", list("pads", &[1, 1])),
        ("frames", list("output_padding", &[1])),
        ("frames", one("group", 2)),
        ("dividends", one("axis", 0)),
        ("post", list("pads", &[0, 0])),
        ("post", list("strides", &[2])),
        ("post", list("dilations", &[2])),
        ("rectified", AttributeProto::float("alpha", 0.1)),
        ("stage1.rectified", AttributeProto::float("alpha", 0.01)),
        ("stage1.upsampled", list("output_padding", &[1])),
        ("stage1.upsampled", list("strides", &[5])),
        ("stage1.upsampled", list("pads", &[4, 6])),
        ("stage2.upsampled", one("group", 2)),
        ("stage2.upsampled", list("dilations", &[2])),
        ("stage2.upsampled", text("auto_pad", "SAME_UPPER")),
        ("stage2.mirrored", text("mode", "edge")),
        ("stage1.sourced", list("strides", &[5])),
        ("stage1.sourced", list("pads", &[3, 2])),
        ("stage1.sourced", list("dilations", &[2])),
        ("stage2.block3.layer5", list("dilations", &[3])),
        ("stage2.block3.layer5", list("dilations", &[-1])),
        ("stage2.block3.layer5", list("dilations", &[i64::MAX])),
        ("stage2.block3.layer5", list("pads", &[5, 4])),
        ("stage2.block3.layer5", list("strides", &[2])),
        ("stage2.block3.layer5", one("group", 2)),
        ("stage2.block3.layer5.mean", one("keepdims", 0)),
    ] {
        graph.node.clone_from(&right);
        let told = format!("{name}, {other:?}");
        set(node(&mut graph, name), other);
        let said = find(&graph).err().map(|error| error.to_string()).unwrap_or_default();
        assert!(said.starts_with(&format!("{name} (")), "{told}: '{said}'");
    }
}

#[test]
fn a_node_that_takes_too_little_or_makes_nothing_is_refused() {
    let mut graph = generator();
    let right = graph.node.clone();
    // One layer stands for all of them.
    let looked_at = |node: &&NodeProto| {
        let name = node.name.as_deref().unwrap_or_default();
        !name.contains(".layer") || name.starts_with("stage2.block11.layer5")
    };
    for (index, whole) in right.iter().enumerate().filter(|(_, node)| looked_at(node)) {
        for inputs in 0..whole.input.len() {
            graph.node.clone_from(&right);
            graph.node[index].input.truncate(inputs);
            // What may be left out: the length of the frames, which the window has too, and the steps of slices.
            let is_optional = matches!(whole.op(), "STFT" if inputs == 3)
                || whole.op() == "Slice" && inputs == 4
                || whole.output == ["sums"] && inputs == 2;
            let is_followed =
                !matches!(whole.op(), "Reshape" | "Squeeze" | "Unsqueeze" | "ScatterND" | "Tanh");
            let found = find(&graph);
            assert!(found.is_err() || is_optional || !is_followed, "{}: {inputs} inputs", whole.label());
        }
        graph.node.clone_from(&right);
        graph.node[index].output.clear();
        assert!(find(&graph).is_err(), "{} makes nothing", whole.label());
    }
}

#[test]
fn a_generator_that_stands_on_itself_is_refused() {
    let mut graph = generator();
    for sum in ["stage2.two blocks", "stage2.three blocks"] {
        node(&mut graph, sum).input = vec!["stage2.three blocks".into(); 2];
    }
    assert!(find(&graph).is_err());
}

#[test]
fn weights_that_are_no_numbers_are_refused_by_the_part_that_they_are_in() {
    let mut graph = generator();
    let name = "stage2.block7.layer2.bias";
    graph.initializer.retain(|tensor| tensor.label() != name);
    let channels = STAGES[1].channels;
    let tensor = TensorProto::floats(name.into(), vec![channels as i64], &vec![f32::NAN; channels]);
    graph.initializer.push(tensor);
    let said = find(&graph).err().map(|error| error.to_string()).unwrap_or_default();
    assert!(said.contains("layer 2 of block 2 of stage 2"), "'{said}'");
}
