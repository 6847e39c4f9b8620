//! The forms that Kokoro's graph comes in.

use std::fmt;
use std::str::FromStr;

use crate::graph::agreement::Bounds;
use crate::graph::{Bits, GraphError, Part, fuse, shrink_weights};

/// A form of Kokoro's graph: the same model, another trade of size, speed and exactness.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Variant {
    /// As the published export says, in float.
    Float,
    /// The float graph in cheaper standard operators; what speaks unless another is asked for.
    #[default]
    Fused,
    /// The float graph with weights in eight bits. The export's own steps are kept, and the three weights that it leaves
    /// in float, all at the end of the vocoder, get a step per channel: a quarter of its size on the disk, and its speed.
    Int8,
    /// The fused graph with the weights of the encoder in eight bits, which are the export's own: the same samples.
    Hybrid,
    /// The float graph with weights in four bits: an experiment.
    Int4,
}

/// There is no variant of this name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown variant '{0}'; choose float, fused, int8, hybrid or int4")]
pub struct UnknownVariant(String);

impl Variant {
    /// All of them, the one that the others are made from first.
    pub const ALL: [Self; 5] = [Self::Float, Self::Fused, Self::Int8, Self::Hybrid, Self::Int4];

    /// The name by which users choose it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Float => "float",
            Self::Fused => "fused",
            Self::Int8 => "int8",
            Self::Hybrid => "hybrid",
            Self::Int4 => "int4",
        }
    }

    /// The name of its file among the derived ones. It says how the graph is made; a change in the making is another
    /// name.
    pub fn file_name(self) -> &'static str {
        match self {
            Self::Float => "kokoro-float-2.onnx",
            Self::Fused => "kokoro-fused-2.onnx",
            Self::Int8 => "kokoro-int8-weights-1.onnx",
            Self::Hybrid => "kokoro-hybrid-2.onnx",
            Self::Int4 => "kokoro-int4-weights-1.onnx",
        }
    }

    /// The variant, made from the float graph.
    ///
    /// # Errors
    /// The graph is not one that [`rebuild_float`](crate::graph::rebuild_float) made.
    pub fn build(self, float: &[u8]) -> Result<Vec<u8>, GraphError> {
        let made = match self {
            Self::Float => float.to_vec(),
            Self::Fused => logged(fuse(float)?),
            Self::Int8 => logged(shrink_weights(float, Bits::Eight, Part::Whole)?),
            Self::Hybrid => {
                let fused = logged(fuse(float)?);
                logged(shrink_weights(&fused, Bits::Eight, Part::Encoder)?)
            }
            Self::Int4 => logged(shrink_weights(float, Bits::Four, Part::Whole)?),
        };
        Ok(made)
    }

    /// How far from the float graph it may speak. The float graph itself is held against the published export.
    pub fn bounds(self) -> Bounds {
        match self {
            Self::Float => Bounds::REBUILT,
            Self::Fused | Self::Hybrid => Bounds::SAME,
            Self::Int8 => Bounds::NEAR,
            Self::Int4 => Bounds::ROUGH,
        }
    }
}

fn logged<R: fmt::Debug>((graph, report): (Vec<u8>, R)) -> Vec<u8> {
    tracing::debug!(?report, bytes = graph.len(), "graph rewritten");
    graph
}

impl fmt::Display for Variant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Variant {
    type Err = UnknownVariant;

    fn from_str(name: &str) -> Result<Self, UnknownVariant> {
        let found = Self::ALL.into_iter().find(|variant| variant.name() == name);
        found.ok_or_else(|| UnknownVariant(name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_variant_is_found_by_its_name_and_has_a_file_of_its_own() {
        for variant in Variant::ALL {
            assert_eq!(variant.name().parse(), Ok(variant));
            assert!(variant.file_name().contains(variant.name()));
        }
        let unknown = "int3".parse::<Variant>().unwrap_err().to_string();
        assert_eq!(unknown, "unknown variant 'int3'; choose float, fused, int8, hybrid or int4");
    }
}
