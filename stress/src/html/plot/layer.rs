//! What is drawn on a chart.

use super::Bin;

/// A colour that the page's style fills in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "a colour says it all")]
pub enum Colour {
    Blue,
    Orange,
    Green,
    Purple,
    Red,
    Grey,
}

impl Colour {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Blue => "blue",
            Self::Orange => "orange",
            Self::Green => "green",
            Self::Purple => "purple",
            Self::Red => "red",
            Self::Grey => "grey",
        }
    }
}

/// What is drawn on a chart; the first lies undermost. A `name` stands in the legend, and an empty one does not.
#[derive(Clone, Debug)]
pub enum Layer {
    /// Points joined in their order.
    Line {
        /// In the legend.
        name: String,
        /// Its colour.
        colour: Colour,
        /// Of its own, beside a line that was measured: a fit, a target.
        is_dashed: bool,
        /// `(x, y)`.
        points: Vec<(f64, f64)>,
    },
    /// Points on their own.
    Dots {
        /// In the legend.
        name: String,
        /// Their colour.
        colour: Colour,
        /// `(x, y)`.
        points: Vec<(f64, f64)>,
    },
    /// Counts, each over its range.
    Bars {
        /// In the legend.
        name: String,
        /// Their colour.
        colour: Colour,
        /// From left to right.
        bins: Vec<Bin>,
    },
    /// A dashed line from left to right, such as a limit. Where it is far beyond the data it is only in the legend.
    Across {
        /// In the legend.
        name: String,
        /// Its colour.
        colour: Colour,
        /// Where.
        y: f64,
    },
    /// A line from top to bottom, such as a limit or a percentile. Where it is far beyond the data only its label is
    /// there, at the edge.
    Down {
        /// Beside it.
        label: String,
        /// Its colour.
        colour: Colour,
        /// A limit rather than something measured.
        is_dashed: bool,
        /// Where.
        x: f64,
    },
}

impl Layer {
    /// What the data covers from left to right.
    pub(super) fn xs(&self) -> Vec<f64> {
        match self {
            Self::Line { points, .. } | Self::Dots { points, .. } => points.iter().map(|(x, _)| *x).collect(),
            Self::Bars { bins, .. } => bins.iter().flat_map(|bin| [bin.from, bin.to]).collect(),
            Self::Across { .. } | Self::Down { .. } => Vec::new(),
        }
    }

    /// What the data covers from bottom to top.
    pub(super) fn ys(&self) -> Vec<f64> {
        match self {
            Self::Line { points, .. } | Self::Dots { points, .. } => points.iter().map(|(_, y)| *y).collect(),
            Self::Bars { bins, .. } => bins.iter().map(|bin| bin.count as f64).collect(),
            Self::Across { .. } | Self::Down { .. } => Vec::new(),
        }
    }

    /// Its line in the legend.
    pub(super) fn legend(&self) -> Option<(&str, Colour, Swatch)> {
        let (name, colour, swatch) = match self {
            Self::Line { name, colour, is_dashed: false, .. } => (name, colour, Swatch::Line),
            Self::Line { name, colour, is_dashed: true, .. } | Self::Across { name, colour, .. } => {
                (name, colour, Swatch::Dashes)
            }
            Self::Dots { name, colour, .. } => (name, colour, Swatch::Dot),
            Self::Bars { name, colour, .. } => (name, colour, Swatch::Box),
            Self::Down { .. } => return None,
        };
        (!name.is_empty()).then_some((name.as_str(), *colour, swatch))
    }
}

/// How a layer is shown in the legend.
#[derive(Clone, Copy)]
pub(super) enum Swatch {
    Line,
    Dashes,
    Dot,
    Box,
}
