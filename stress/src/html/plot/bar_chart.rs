//! Named things side by side.

use std::fmt::Write as _;

use super::svg::{Anchor, escaped, is_drawable, line, px, rectangle, text, width_of};
use super::{Axis, Colour, scale::Scale};

/// A named value, and how far it was spread.
#[derive(Clone, Debug)]
pub struct Bar {
    /// Before the bar.
    pub name: String,
    /// Its length.
    pub value: f64,
    /// A thin line from here to there, such as from p5 to p95.
    pub spread: Option<(f64, f64)>,
    /// Behind the bar, such as the value with its unit.
    pub label: String,
    /// Its colour.
    pub colour: Colour,
}

/// Named values as bars from left to right, one below the other.
#[derive(Clone, Debug)]
pub struct BarChart {
    about: String,
    axis: Axis,
    bars: Vec<Bar>,
    width: f64,
}

/// Pixels from bar to bar.
const ROW: f64 = 22.0;

impl BarChart {
    /// `about` is told to those who cannot see it. A linear `axis` begins at 0.
    pub fn new(about: &str, axis: Axis, bars: Vec<Bar>) -> Self {
        Self { about: about.to_owned(), axis: axis.from_zero(), bars, width: 640.0 }
    }

    /// So many pixels wide where the page gives it just that; 640 are usual.
    #[must_use]
    pub fn sized(self, width: f64) -> Self {
        Self { width: width.max(200.0), ..self }
    }

    /// It as an `svg` element.
    pub fn svg(&self) -> String {
        let widest = |texts: &mut dyn Iterator<Item = f64>| texts.fold(0.0, f64::max);
        let left =
            (widest(&mut self.bars.iter().map(|bar| width_of(&bar.name))) + 12.0).min(self.width * 0.4);
        let label = widest(&mut self.bars.iter().map(|bar| width_of(&bar.label))) + 14.0;
        let right = (self.width - label.min(self.width * 0.3)).max(left + 40.0);
        let ends = self.bars.iter().flat_map(|bar| {
            let (from, to) = bar.spread.unwrap_or((bar.value, bar.value));
            [bar.value, from, to]
        });
        let range = self.axis.range(ends, std::iter::empty());
        let x = Scale::new(range, self.axis.is_log(), (left, right));
        let bottom = 8.0 + ROW * self.bars.len() as f64;

        let mut out = String::new();
        let _ = write!(
            out,
            "<svg class=\"plot\" viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"{}\">",
            px(self.width),
            px(bottom + 42.0),
            escaped(&self.about)
        );
        let ticks = self.axis.ticks(&x, ((right - left) / 75.0) as usize);
        for (value, label) in &ticks.marks {
            let at = x.at(*value);
            line(&mut out, (at, 4.0), (at, bottom + 4.0), "grid");
            text(&mut out, (at, bottom + 16.0), "", Anchor::Middle, label);
        }
        text(
            &mut out,
            (f64::midpoint(left, right), bottom + 33.0),
            "axis-title",
            Anchor::Middle,
            &ticks.title,
        );
        for (row, bar) in self.bars.iter().enumerate() {
            self.bar(&mut out, bar, &x, 8.0 + ROW * row as f64);
        }
        line(&mut out, (left, 4.0), (left, bottom), "frame");
        out.push_str("</svg>");
        out
    }

    fn bar(&self, out: &mut String, bar: &Bar, x: &Scale, top: f64) {
        let left = x.at(x.range().0);
        text(out, (left - 6.0, top + 12.0), "legend", Anchor::End, &bar.name);
        if !self.axis.takes(bar.value) {
            text(out, (left + 6.0, top + 12.0), "", Anchor::Start, &bar.label);
            return;
        }
        let mut end = x.at(bar.value);
        let class = format!("bar f-{}", bar.colour.name());
        rectangle(out, (left, top + 2.0), ((end - left).max(1.0), 13.0), &class);
        if let Some((from, to)) = bar.spread.filter(|(from, to)| is_drawable(*from) && is_drawable(*to)) {
            let (from, to, middle) = (x.at(from), x.at(to), top + 8.5);
            line(out, (from, middle), (to, middle), "frame");
            line(out, (from, middle - 3.0), (from, middle + 3.0), "frame");
            line(out, (to, middle - 3.0), (to, middle + 3.0), "frame");
            end = end.max(to);
        }
        text(out, (end + 6.0, top + 12.0), "legend", Anchor::Start, &bar.label);
    }
}
