//! Whatever the data, a plot is a plot.

use proptest::prelude::*;

use super::*;

/// Numbers of all sizes, and what is none.
fn value() -> impl Strategy<Value = f64> {
    prop_oneof![
        6 => -1e3..1e3_f64,
        1 => any::<f64>(),
        1 => prop::sample::select(vec![f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 0.0, -0.0, 1e12, 1e-300, 1.0]),
    ]
}

fn points() -> impl Strategy<Value = Vec<(f64, f64)>> {
    prop::collection::vec((value(), value()), 0..60)
}

fn axis() -> impl Strategy<Value = Axis> {
    prop::sample::select(vec![
        Axis::linear("a <b> (s)"),
        Axis::linear("a").from_zero(),
        Axis::log("a & b"),
        Axis::time("time"),
    ])
}

/// Every number in the markup is one, within reach of the picture, and tags are closed.
fn check(svg: &str) -> Result<(), TestCaseError> {
    for word in ["NaN", "inf", "e+"] {
        prop_assert!(!svg.contains(word), "{word} in {svg}");
    }
    prop_assert!(svg.starts_with("<svg") && svg.ends_with("</svg>"));
    for part in ["x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "width", "height"] {
        for rest in svg.split(&format!(" {part}=\"")).skip(1) {
            let number: f64 = rest.split('"').next().unwrap().parse().unwrap();
            prop_assert!((-700.0..3_000.0).contains(&number), "{part} is {number} in {svg}");
        }
    }
    prop_assert_eq!(svg.matches("<text").count(), svg.matches("</text>").count());
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn a_chart_never_holds_what_is_no_number(
        x in axis(), y in axis(), line in points(), dots in points(), marks in prop::collection::vec(value(), 0..80),
    ) {
        let bins = log_bins(&marks, 20).into_iter().chain(linear_bins(&marks, 7)).collect();
        let chart = Chart::new("<about> \"it\"", x, y)
            .with(Layer::Bars { name: "bars".into(), colour: Colour::Grey, bins })
            .with(Layer::Line { name: "line".into(), colour: Colour::Blue, is_dashed: false, points: line })
            .with(Layer::Dots { name: "dots".into(), colour: Colour::Green, points: dots })
            .with_all(marks.iter().take(4).map(|mark| Layer::Down {
                label: format!("down {mark}").replace("NaN", "none").replace("inf", "none"),
                colour: Colour::Red,
                is_dashed: true,
                x: *mark,
            }))
            .with_all(marks.iter().take(4).map(|mark| Layer::Across {
                label: "across".into(),
                colour: Colour::Red,
                y: *mark,
            }))
            .with_lanes(vec![Lane { name: "fault <x>".into(), at: marks }]);
        check(&chart.svg())?;
    }

    #[test]
    fn nor_does_a_chart_of_bars(axis in axis(), values in points()) {
        let bars = values.iter().map(|(value, other)| Bar {
            name: "a <name>".into(),
            value: *value,
            spread: (*other > 0.0).then_some((*other, *value)),
            label: "label".into(),
            colour: Colour::Blue,
        });
        check(&BarChart::new("bars", axis, bars.collect()).svg())?;
    }
}

#[test]
fn a_chart_of_nothing_says_so() {
    let chart = || Chart::new("", Axis::log("x"), Axis::linear("y"));
    let dots = |points| Layer::Dots { name: String::new(), colour: Colour::Blue, points };
    assert!(chart().is_empty());
    assert!(chart().with(dots(vec![(f64::NAN, 1.0), (0.0, 1.0)])).is_empty());
    assert!(!chart().with(dots(vec![(1.0, 1.0)])).is_empty());
}

#[test]
fn hours_of_samples_make_a_small_picture() {
    let points: Vec<_> = (0..360_000).map(|n| (f64::from(n) * 0.1, f64::from(n % 977))).collect();
    let line = Layer::Line { name: "l".into(), colour: Colour::Blue, is_dashed: false, points };
    let svg = Chart::new("", Axis::time("time"), Axis::linear("y")).with(line).svg();
    assert!(svg.len() < 40_000, "{} bytes", svg.len());
}

#[test]
fn text_cannot_break_out() {
    assert_eq!(
        escaped("<a href='x'>&\u{7}\"</a>"),
        "&lt;a href=&#39;x&#39;&gt;&amp;\u{fffd}&quot;&lt;/a&gt;"
    );
}
