//! Plots as SVG text, for pages that load nothing.
//!
//! A [`Chart`] has two [`Axis`]es and [`Layer`]s on top of each other; [`BarChart`] compares named things. Colours are
//! classes that the page's style fills in ([`STYLE`]), so that one text serves light and dark. Whatever the data, no
//! coordinate is ever not a number: values that cannot be drawn are passed over.

mod axis;
mod bar_chart;
mod bins;
mod chart;
mod labels;
mod lanes;
mod layer;
mod scale;
mod svg;
mod thin;
mod ticks;

pub use axis::Axis;
pub use bar_chart::{Bar, BarChart};
pub use bins::{Bin, linear_bins, log_bins};
pub use chart::Chart;
pub use lanes::Lane;
pub use layer::{Colour, Layer};
pub use svg::escaped;

/// The style that plots need: colours in light and dark, text sizes, line widths.
pub const STYLE: &str = include_str!("plot.css");

#[cfg(test)]
mod tests;
