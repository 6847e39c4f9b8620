//! Text and numbers inside markup.

use std::fmt::Write as _;

/// `text` as it may stand in HTML and SVG, between tags and in quoted attributes.
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            // XML 1.0 has no other control characters, not even written as numbers.
            c if c.is_control() && !matches!(c, '\n' | '\t') => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

/// Whether a value can be drawn: a number, and not so large that a float has no room left for its neighbours.
pub(super) fn is_drawable(value: f64) -> bool {
    value.abs() <= 1e12
}

/// A coordinate, to a tenth of a pixel.
pub(super) fn px(value: f64) -> String {
    let text = format!("{value:.1}");
    match text.strip_suffix(".0") {
        Some("-0") => "0".to_owned(),
        Some(whole) => whole.to_owned(),
        None => text,
    }
}

/// About how wide `text` is at 11 px, in pixels. Fonts differ; this is on the safe side for digits and lower case.
pub(super) fn width_of(text: &str) -> f64 {
    let width = |c| match c {
        'i' | 'l' | 'j' | '.' | ',' | ' ' | '\'' => 3.6,
        'm' | 'w' | 'M' | 'W' => 10.5,
        _ => 6.5,
    };
    text.chars().map(width).sum()
}

/// Where a text is held.
#[derive(Clone, Copy)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

/// A line of text.
pub(super) fn text(out: &mut String, (x, y): (f64, f64), class: &str, anchor: Anchor, content: &str) {
    let anchor = match anchor {
        Anchor::Start => "start",
        Anchor::Middle => "middle",
        Anchor::End => "end",
    };
    // Writing into a string cannot fail.
    let _ = write!(
        out,
        "<text x=\"{}\" y=\"{}\" class=\"{class}\" text-anchor=\"{anchor}\">{}</text>",
        px(x),
        px(y),
        escaped(content)
    );
}

/// A straight line.
pub(super) fn line(out: &mut String, (x0, y0): (f64, f64), (x1, y1): (f64, f64), class: &str) {
    let _ = write!(
        out,
        "<line x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\" class=\"{class}\"/>",
        px(x0),
        px(y0),
        px(x1),
        px(y1)
    );
}

/// A filled rectangle.
pub(super) fn rectangle(out: &mut String, (x, y): (f64, f64), (width, height): (f64, f64), class: &str) {
    let _ = write!(
        out,
        "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" class=\"{class}\"/>",
        px(x),
        px(y),
        px(width.max(0.0)),
        px(height.max(0.0))
    );
}
