//! Numbers as people read them.

/// `value` with at least `digits` significant digits before and no useless ones behind the point, and its thousands
/// set apart: `1,240`, `12.3`, `0.012`. Whole parts are never rounded to tens. `–` for what is no number.
pub fn significant(value: f64, digits: usize) -> String {
    if !value.is_finite() {
        return "–".to_owned();
    }
    let before = if value == 0.0 { 1 } else { value.abs().log10().floor() as i64 + 1 };
    // Six places are a microsecond of a second: what is smaller than that is nothing here.
    let places = (digits as i64 - before).clamp(0, 6) as usize;
    let text = format!("{value:.places$}");
    let text = if places > 0 { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    with_groups(if text == "-0" { "0" } else { text })
}

/// `value` rounded to a whole number, with its thousands set apart: `12,345`.
pub fn grouped(value: f64) -> String {
    if !value.is_finite() {
        return "–".to_owned();
    }
    let text = format!("{value:.0}");
    with_groups(if text == "-0" { "0" } else { &text })
}

/// `seconds` as a length of time: `45 s`, `12 min`, `2 h 30 min`.
pub fn duration(seconds: f64) -> String {
    if !seconds.is_finite() {
        return "–".to_owned();
    }
    if seconds.abs() < 120.0 {
        return format!("{} s", significant(seconds, 3));
    }
    let minutes = (seconds / 60.0).round() as i64;
    match (minutes / 60, minutes % 60) {
        (0, minutes) => format!("{minutes} min"),
        (hours, 0) => format!("{hours} h"),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    }
}

fn with_groups(text: &str) -> String {
    let (sign, text) = text.strip_prefix('-').map_or(("", text), |rest| ("\u{2212}", rest));
    let (whole, rest) = text.find('.').map_or((text, ""), |point| text.split_at(point));
    let mut out = String::from(sign);
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_as_many_as_are_worth_telling() {
        for (value, text) in [
            (0.0, "0"),
            (-0.000_000_01, "0"),
            (1_234_567.8, "1,234,568"),
            (999.96, "1,000"),
            (12.345, "12.3"),
            (12.0, "12"),
            (0.012_345, "0.0123"),
            (-4.56, "\u{2212}4.56"),
            (100.0, "100"),
            (f64::NAN, "–"),
        ] {
            assert_eq!(significant(value, 3), text);
        }
        assert_eq!(grouped(-0.2), "0");
    }

    #[test]
    fn lengths_of_time_are_told_in_the_unit_that_fits() {
        assert_eq!(duration(45.0), "45 s");
        assert_eq!(duration(720.0), "12 min");
        assert_eq!(duration(9_000.0), "2 h 30 min");
        assert_eq!(duration(36_000.0), "10 h");
    }
}
