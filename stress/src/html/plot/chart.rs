//! Two axes and what lies between them.

use std::fmt::Write as _;

use super::lanes::{self, Lane};
use super::layer::Swatch;
use super::scale::Scale;
use super::svg::{Anchor, escaped, is_drawable, line, px, rectangle, text, width_of};
use super::{Axis, Colour, Layer, labels, thin};

/// Two axes and what lies between them.
#[derive(Clone, Debug)]
pub struct Chart {
    about: String,
    x: Axis,
    y: Axis,
    layers: Vec<Layer>,
    lanes: Vec<Lane>,
    size: (f64, f64),
}

/// Pixels to a row of text.
const ROW: f64 = 15.0;

impl Chart {
    /// An empty chart. `about` is told to those who cannot see it.
    pub fn new(about: &str, x: Axis, y: Axis) -> Self {
        Self { about: about.to_owned(), x, y, layers: Vec::new(), lanes: Vec::new(), size: (540.0, 230.0) }
    }

    /// With one more layer on top.
    #[must_use]
    pub fn with(mut self, layer: Layer) -> Self {
        self.layers.push(layer);
        self
    }

    /// With these layers on top.
    #[must_use]
    pub fn with_all(mut self, layers: impl IntoIterator<Item = Layer>) -> Self {
        self.layers.extend(layers);
        self
    }

    /// With events above the plot.
    #[must_use]
    pub fn with_lanes(mut self, lanes: Vec<Lane>) -> Self {
        self.lanes = lanes;
        self
    }

    /// So many pixels wide and high (with room for legend and lanes on top of that) where the page gives it just its
    /// width; 540 and 230 are usual.
    #[must_use]
    pub fn sized(mut self, width: f64, height: f64) -> Self {
        self.size = (width.max(200.0), height.max(100.0));
        self
    }

    /// Whether there is nothing to see: no layer has a point that can be drawn.
    pub fn is_empty(&self) -> bool {
        !self.layers.iter().any(|layer| {
            let pairs = layer.xs().into_iter().zip(layer.ys());
            pairs.into_iter().any(|(x, y)| self.x.takes(x) && is_drawable(y))
        })
    }

    /// It as an `svg` element.
    pub fn svg(&self) -> String {
        let y_range = self.y_range();
        let probe = self.y.ticks(&Scale::new(y_range, self.y.is_log(), (0.0, 1.0)), 5);
        let numbers = probe.marks.iter().map(|(_, label)| width_of(label)).fold(0.0, f64::max);
        let left =
            (numbers + 30.0).max(56.0).max(lanes::names_width(&self.lanes) + 10.0).min(self.size.0 * 0.4);
        let right = self.size.0 - 14.0;

        let x_range = self.x_range();
        let x = Scale::new(x_range, self.x.is_log(), (left, right));
        let legend = self.legend(left, right);
        let legend_rows = legend.last().map_or(0, |entry| entry.row + 1);
        let notes = self.notes(&x, left, right);
        let note_rows = notes.iter().map(|note| note.place.row + 1).max().unwrap_or(0);
        let lanes_top = 8.0 + ROW * legend_rows as f64;
        let notes_top = lanes_top + lanes::height(&self.lanes);
        let top = notes_top + ROW * note_rows as f64 + 2.0;
        let bottom = top + self.size.1 - 52.0;
        let y = Scale::new(y_range, self.y.is_log(), (bottom, top));

        let mut out = String::new();
        let (width, height) = (px(self.size.0), px(bottom + 42.0));
        let about = escaped(&self.about);
        let _ = write!(
            out,
            "<svg class=\"plot\" viewBox=\"0 0 {width} {height}\" role=\"img\" aria-label=\"{about}\">"
        );
        self.axes(&mut out, &x, &y);
        lanes::draw(&mut out, &self.lanes, &x, left, (lanes_top, bottom));
        for layer in &self.layers {
            draw(&mut out, layer, (&x, &self.x), (&y, &self.y));
        }
        for note in &notes {
            note.draw(&mut out, notes_top, bottom);
        }
        self.across(&mut out, &y, left, right);
        for entry in &legend {
            entry.draw(&mut out, 8.0);
        }
        out.push_str("</svg>");
        out
    }

    fn x_range(&self) -> (f64, f64) {
        let wished = self.layers.iter().filter_map(|layer| match layer {
            Layer::Down { x, .. } => Some(*x),
            _ => None,
        });
        let events = self.lanes.iter().flat_map(|lane| lane.at.iter().copied());
        self.x.range(self.layers.iter().flat_map(Layer::xs), wished.chain(events))
    }

    fn y_range(&self) -> (f64, f64) {
        let wished = self.layers.iter().filter_map(|layer| match layer {
            Layer::Across { y, .. } => Some(*y),
            _ => None,
        });
        let (from, to) = self.y.range(self.layers.iter().flat_map(Layer::ys), wished);
        // A bar of one thing must be seen, and a logarithmic axis has no 0 to stand on.
        let has_bars = self.layers.iter().any(|layer| matches!(layer, Layer::Bars { .. }));
        if has_bars && self.y.is_log() { (from.min(0.5), to) } else { (from, to) }
    }

    fn axes(&self, out: &mut String, x: &Scale, y: &Scale) {
        let ((x_from, x_to), (y_from, y_to)) = (x.range(), y.range());
        let (left, right, bottom, top) = (x.at(x_from), x.at(x_to), y.at(y_from), y.at(y_to));
        let down = y.at(y_from);
        let ticks = self.y.ticks(y, 5);
        for (value, label) in &ticks.marks {
            let at = y.at(*value);
            line(out, (left, at), (right, at), "grid");
            text(out, (left - 6.0, at + 3.8), "", Anchor::End, label);
        }
        let middle = f64::midpoint(top, bottom);
        let _ = write!(
            out,
            "<text x=\"11\" y=\"{0}\" class=\"axis-title\" text-anchor=\"middle\" transform=\"rotate(-90 11 {0})\">{1}</text>",
            px(middle),
            escaped(&ticks.title)
        );
        let ticks = self.x.ticks(x, ((right - left) / 75.0) as usize);
        let (mut free_from, edge) = (f64::NEG_INFINITY, right + 13.0);
        for (value, label) in &ticks.marks {
            let at = x.at(*value);
            line(out, (at, top), (at, bottom + 4.0), "grid");
            let half = width_of(label) / 2.0;
            let middle = at.min(edge - half);
            if middle - half > free_from {
                text(out, (middle, bottom + 16.0), "", Anchor::Middle, label);
                free_from = middle + half + 6.0;
            }
        }
        text(out, (f64::midpoint(left, right), bottom + 33.0), "axis-title", Anchor::Middle, &ticks.title);
        line(out, (left, down), (right, down), "frame");
        line(out, (left, top), (left, bottom), "frame");
    }

    /// Every [`Layer::Down`], with its place.
    fn notes(&self, x: &Scale, left: f64, right: f64) -> Vec<Note> {
        let down = self.layers.iter().filter_map(|layer| match layer {
            Layer::Down { label, colour, is_dashed, x: value } if is_drawable(*value) => {
                let label = match (x.holds(*value), *value < x.range().0) {
                    (true, _) => label.clone(),
                    (false, true) => format!("\u{2039} {label}"),
                    (false, false) => format!("{label} \u{203a}"),
                };
                Some((*value, label, *colour, *is_dashed))
            }
            _ => None,
        });
        let down: Vec<_> = down.collect();
        let wanted: Vec<(f64, &str)> =
            down.iter().map(|(value, label, ..)| (x.at(*value), label.as_str())).collect();
        let placed = labels::placed(&wanted, left + 2.0, right);
        let note = |place: labels::Placed| {
            let (value, label, colour, is_dashed) = &down[place.index];
            let column = x.holds(*value).then(|| x.at(*value));
            Note { place, label: label.clone(), colour: *colour, column, is_dashed: *is_dashed }
        };
        placed.into_iter().map(note).collect()
    }

    fn across(&self, out: &mut String, y: &Scale, left: f64, right: f64) {
        for layer in &self.layers {
            if let Layer::Across { colour, y: value, .. } = layer
                && y.holds(*value)
            {
                let at = y.at(*value);
                line(out, (left, at), (right, at), &format!("rule dashed l-{}", colour.name()));
            }
        }
    }

    fn legend(&self, left: f64, right: f64) -> Vec<Entry> {
        let named: Vec<_> = self.layers.iter().filter_map(Layer::legend).collect();
        let mut entries: Vec<Entry> = Vec::new();
        let (mut x, mut row) = (left, 0);
        for (name, colour, swatch) in named {
            let width = 20.0 + width_of(name) + 14.0;
            if x + width > right && x > left {
                (x, row) = (left, row + 1);
            }
            entries.push(Entry { name: name.to_owned(), colour, swatch, x, row });
            x += width;
        }
        entries
    }
}

/// A [`Layer::Down`].
struct Note {
    place: labels::Placed,
    label: String,
    colour: Colour,
    /// Its line, where that is on the axis.
    column: Option<f64>,
    is_dashed: bool,
}

impl Note {
    fn draw(&self, out: &mut String, labels_top: f64, bottom: f64) {
        let colour = self.colour.name();
        let row = labels_top + ROW * self.place.row as f64;
        if let Some(column) = self.column {
            let dashes = if self.is_dashed { " dashed" } else { "" };
            line(out, (column, row + 2.0), (column, bottom), &format!("rule l-{colour}{dashes}"));
        }
        text(out, (self.place.x, row + 10.0), &format!("f-{colour} halo"), Anchor::Start, &self.label);
    }
}

/// A line of the legend.
struct Entry {
    name: String,
    colour: Colour,
    swatch: Swatch,
    x: f64,
    row: usize,
}

impl Entry {
    fn draw(&self, out: &mut String, top: f64) {
        let (x, y) = (self.x, top + ROW * self.row as f64);
        let colour = self.colour.name();
        match self.swatch {
            Swatch::Line => line(out, (x, y + 5.0), (x + 14.0, y + 5.0), &format!("line l-{colour}")),
            Swatch::Dashes => {
                line(out, (x, y + 5.0), (x + 14.0, y + 5.0), &format!("line dashed l-{colour}"));
            }
            Swatch::Dot => circle(out, (x + 7.0, y + 5.0), 3.2, &format!("f-{colour}")),
            Swatch::Box => rectangle(out, (x + 2.0, y), (10.0, 10.0), &format!("bar f-{colour}")),
        }
        text(out, (x + 19.0, y + 9.0), "legend", Anchor::Start, &self.name);
    }
}

fn draw(out: &mut String, layer: &Layer, (x, x_axis): (&Scale, &Axis), (y, y_axis): (&Scale, &Axis)) {
    match layer {
        Layer::Line { points, colour, is_dashed, .. } => {
            let dashes = if *is_dashed { " dashed" } else { "" };
            // A point that cannot be drawn leaves a hole and is not bridged.
            for part in points.split(|(px, py)| !x_axis.takes(*px) || !y_axis.takes(*py)) {
                let pixels: Vec<_> = part.iter().map(|(px, py)| (x.at(*px), y.at(*py))).collect();
                let kept = thin::line(&pixels);
                if kept.is_empty() {
                    continue;
                }
                let _ = write!(out, "<polyline class=\"line l-{}{dashes}\" points=\"", colour.name());
                for (n, (column, row)) in kept.iter().enumerate() {
                    let space = if n > 0 { " " } else { "" };
                    let _ = write!(out, "{space}{},{}", px(*column), px(*row));
                }
                out.push_str("\"/>");
            }
        }
        Layer::Dots { points, colour, .. } => {
            let drawn = points.iter().filter(|(px, py)| x_axis.takes(*px) && y_axis.takes(*py));
            let class = format!("dot f-{}", colour.name());
            for place in thin::dots(drawn.map(|(px, py)| (x.at(*px), y.at(*py)))) {
                circle(out, place, 2.2, &class);
            }
        }
        Layer::Bars { bins, colour, .. } => {
            let class = format!("bar f-{}", colour.name());
            let floor = y.at(y.range().0);
            for bin in bins.iter().filter(|bin| bin.count > 0 && is_drawable(bin.from) && is_drawable(bin.to))
            {
                let (from, to) = (x.at(bin.from), x.at(bin.to));
                let top = y.at(bin.count as f64).min(floor - 1.0);
                rectangle(out, (from + 0.5, top), ((to - from - 1.0).max(1.0), floor - top), &class);
            }
        }
        Layer::Across { .. } | Layer::Down { .. } => {}
    }
}

fn circle(out: &mut String, (x, y): (f64, f64), radius: f64, class: &str) {
    let _ = write!(out, "<circle cx=\"{}\" cy=\"{}\" r=\"{radius}\" class=\"{class}\"/>", px(x), px(y));
}
