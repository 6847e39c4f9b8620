//! Who is measured.

/// How a peer's process is started.
#[derive(Clone, Copy, Debug)]
pub(crate) enum How {
    /// One of our sessions, as [`own`](super::own) knows it.
    Own,
    /// One of the program in Python, as that knows it.
    Python,
}

/// Somebody who speaks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer {
    /// Its name on the command line, and to its process.
    pub(crate) name: &'static str,
    /// Its name in tables.
    pub(crate) title: &'static str,
    /// How its process is started.
    pub(crate) how: How,
    /// On how many threads; 0 is as it comes.
    pub(crate) threads: &'static [usize],
    /// From what it speaks: the tokens that all get, or the text.
    pub(crate) from: &'static str,
}

/// Against whom ratios are.
pub(crate) const STOCK: &str = "ort";

const BOTH: &[usize] = &[1, 2];
const AS_IT_COMES: &[usize] = &[0];

const fn own(name: &'static str, title: &'static str) -> Peer {
    Peer { name, title, how: How::Own, threads: BOTH, from: "tokens" }
}

const fn other(name: &'static str, title: &'static str) -> Peer {
    Peer { name, title, how: How::Python, threads: BOTH, from: "tokens" }
}

const fn as_it_comes(name: &'static str, title: &'static str) -> Peer {
    Peer { name, title, how: How::Python, threads: AS_IT_COMES, from: "text" }
}

/// All of them.
pub(crate) const PEERS: &[Peer] = &[
    other(STOCK, "stock ONNX Runtime, float graph"),
    other("kokoro-pi", "kokoro-pi's rewrites and float operators, float graph"),
    other("kokoro-pi-int8", "kokoro-pi's int8 operators, float graph"),
    other("openvino", "OpenVINO, float graph"),
    as_it_comes("kokoro-onnx", "kokoro-onnx, int8 file, as users run it"),
    as_it_comes("espeak-ng", "espeak-ng (another voice altogether)"),
    own("fast", "Sostenuto, distilled session"),
    own("fused", "Sostenuto, fused graph"),
    own("native", "Sostenuto, native generator, norms measured"),
    own("native-predicted", "Sostenuto, native generator, norms predicted"),
    own("native-int8", "Sostenuto, native generator in int8, norms measured"),
];
