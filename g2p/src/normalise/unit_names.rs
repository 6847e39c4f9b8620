//! What the signs of units are called.

use crate::normalise::measure::Noun;

/// How surely a sign after a number is that of a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Surety {
    /// Whatever stands around it.
    Sure,
    /// Where no space parts it from the number, or nothing but a mark follows it, or it describes a noun.
    Alone,
    /// Only where a space parts it from the number.
    Apart,
}

/// Signs that are written whole: sign, one, many, surety. The case counts.
const WHOLE: &[(&str, &str, &str, Surety)] = {
    use Surety::{Alone, Apart, Sure};
    &[
        ("Nm", "newton meter", "newton meters", Sure),
        ("N·m", "newton meter", "newton meters", Sure),
        ("m", "meter", "meters", Sure),
        ("g", "gram", "grams", Sure),
        ("s", "second", "seconds", Sure),
        ("h", "hour", "hours", Sure),
        ("l", "liter", "liters", Sure),
        ("L", "liter", "liters", Sure),
        ("t", "ton", "tons", Alone),
        ("d", "day", "days", Alone),
        ("W", "watt", "watts", Sure),
        ("V", "volt", "volts", Sure),
        ("A", "amp", "amps", Alone),
        ("J", "joule", "joules", Alone),
        ("N", "newton", "newtons", Alone),
        ("F", "farad", "farads", Apart),
        ("K", "kelvin", "kelvin", Apart),
        ("B", "byte", "bytes", Apart),
        ("Ω", "ohm", "ohms", Sure),
        ("Å", "angstrom", "angstroms", Sure),
        ("°", "degree", "degrees", Sure),
        ("°C", "degree Celsius", "degrees Celsius", Sure),
        ("°F", "degree Fahrenheit", "degrees Fahrenheit", Sure),
        ("°K", "kelvin", "kelvin", Sure),
        ("ºC", "degree Celsius", "degrees Celsius", Sure),
        ("ºF", "degree Fahrenheit", "degrees Fahrenheit", Sure),
        ("℃", "degree Celsius", "degrees Celsius", Sure),
        ("℉", "degree Fahrenheit", "degrees Fahrenheit", Sure),
        ("degC", "degree Celsius", "degrees Celsius", Sure),
        ("degF", "degree Fahrenheit", "degrees Fahrenheit", Sure),
        ("in", "inch", "inches", Alone),
        ("ins", "inch", "inches", Sure),
        ("ft", "foot", "feet", Sure),
        ("yd", "yard", "yards", Sure),
        ("yds", "yard", "yards", Sure),
        ("mi", "mile", "miles", Sure),
        ("nmi", "nautical mile", "nautical miles", Sure),
        ("ly", "light year", "light years", Sure),
        ("lb", "pound", "pounds", Sure),
        ("lbs", "pound", "pounds", Sure),
        ("oz", "ounce", "ounces", Sure),
        ("kgs", "kilogram", "kilograms", Sure),
        ("Kg", "kilogram", "kilograms", Sure),
        ("KG", "kilogram", "kilograms", Sure),
        ("kms", "kilometer", "kilometers", Sure),
        ("Km", "kilometer", "kilometers", Sure),
        ("KM", "kilometer", "kilometers", Sure),
        ("CM", "centimeter", "centimeters", Sure),
        ("MM", "millimeter", "millimeters", Alone),
        ("cc", "cubic centimeter", "cubic centimeters", Sure),
        ("gal", "gallon", "gallons", Sure),
        ("gals", "gallon", "gallons", Sure),
        ("qt", "quart", "quarts", Sure),
        ("pt", "point", "points", Sure),
        ("pts", "point", "points", Sure),
        ("px", "pixel", "pixels", Sure),
        ("tsp", "teaspoon", "teaspoons", Sure),
        ("tbsp", "tablespoon", "tablespoons", Sure),
        ("ha", "hectare", "hectares", Sure),
        ("ac", "acre", "acres", Alone),
        ("sec", "second", "seconds", Sure),
        ("secs", "second", "seconds", Sure),
        ("min", "minute", "minutes", Sure),
        ("mins", "minute", "minutes", Sure),
        ("hr", "hour", "hours", Sure),
        ("hrs", "hour", "hours", Sure),
        ("wk", "week", "weeks", Sure),
        ("wks", "week", "weeks", Sure),
        ("mo", "month", "months", Alone),
        ("mos", "month", "months", Sure),
        ("yr", "year", "years", Sure),
        ("yrs", "year", "years", Sure),
        ("mph", "mile per hour", "miles per hour", Sure),
        ("MPH", "mile per hour", "miles per hour", Sure),
        ("mpg", "mile per gallon", "miles per gallon", Sure),
        ("kph", "kilometer per hour", "kilometers per hour", Sure),
        ("kmh", "kilometer per hour", "kilometers per hour", Sure),
        ("kn", "knot", "knots", Alone),
        ("kt", "knot", "knots", Alone),
        ("fps", "frame per second", "frames per second", Sure),
        ("FPS", "frame per second", "frames per second", Sure),
        ("rpm", "revolution per minute", "revolutions per minute", Sure),
        ("RPM", "revolution per minute", "revolutions per minute", Sure),
        ("bpm", "beat per minute", "beats per minute", Sure),
        ("BPM", "beat per minute", "beats per minute", Sure),
        ("wpm", "word per minute", "words per minute", Sure),
        ("dpi", "dot per inch", "dots per inch", Sure),
        ("DPI", "dot per inch", "dots per inch", Sure),
        ("ppi", "pixel per inch", "pixels per inch", Sure),
        ("ppm", "part per million", "parts per million", Sure),
        ("ppb", "part per billion", "parts per billion", Sure),
        ("psi", "pound per square inch", "pounds per square inch", Sure),
        ("PSI", "pound per square inch", "pounds per square inch", Sure),
        ("sqft", "square foot", "square feet", Sure),
        ("sqm", "square meter", "square meters", Sure),
        ("dB", "decibel", "decibels", Sure),
        ("dBm", "decibel milliwatt", "decibel milliwatts", Sure),
        ("dBFS", "decibel full scale", "decibels full scale", Sure),
        ("dBA", "decibel A", "decibels A", Sure),
        ("hp", "horsepower", "horsepower", Sure),
        ("HP", "horsepower", "horsepower", Sure),
        ("bhp", "brake horsepower", "brake horsepower", Sure),
        ("bar", "bar", "bar", Sure),
        ("mbar", "millibar", "millibars", Sure),
        ("atm", "atmosphere", "atmospheres", Sure),
        ("cal", "calorie", "calories", Sure),
        ("kcal", "kilocalorie", "kilocalories", Sure),
        ("Cal", "calorie", "calories", Sure),
        ("Ah", "amp hour", "amp hours", Sure),
        ("mAh", "milliamp hour", "milliamp hours", Sure),
        ("mmHg", "millimeter of mercury", "millimeters of mercury", Sure),
        ("mol", "mole", "moles", Sure),
        ("lm", "lumen", "lumens", Sure),
        ("lx", "lux", "lux", Sure),
        ("cd", "candela", "candelas", Alone),
        ("rad", "radian", "radians", Sure),
        ("deg", "degree", "degrees", Sure),
        ("MP", "megapixel", "megapixels", Sure),
        ("Mpx", "megapixel", "megapixels", Sure),
        ("kb", "kilobit", "kilobits", Sure),
        ("gb", "gigabyte", "gigabytes", Sure),
        ("mb", "megabyte", "megabytes", Sure),
        ("tb", "terabyte", "terabytes", Sure),
        ("KHz", "kilohertz", "kilohertz", Sure),
    ]
};

/// Signs that take a prefix: sign, one, many, prefixes.
const PREFIXED: [(&str, &str, &str, &str); 28] = [
    ("m", "meter", "meters", "kcdmµμn"),
    ("g", "gram", "grams", "kmµμn"),
    ("s", "second", "seconds", "mµμnp"),
    ("l", "liter", "liters", "mcdhµμ"),
    ("L", "liter", "liters", "mcdhµμ"),
    ("t", "ton", "tons", "M"),
    ("W", "watt", "watts", "mkMGTµμ"),
    ("V", "volt", "volts", "mkµμM"),
    ("A", "amp", "amps", "mkµμn"),
    ("J", "joule", "joules", "mkMG"),
    ("N", "newton", "newtons", "mkM"),
    ("Pa", "pascal", "pascals", "\0khMG"),
    ("Ω", "ohm", "ohms", "mkM"),
    ("F", "farad", "farads", "pnµμm"),
    ("Hz", "hertz", "hertz", "\0mkMGT"),
    ("Wh", "watt hour", "watt hours", "\0kMGT"),
    ("eV", "electron volt", "electron volts", "\0kMGTm"),
    ("B", "byte", "bytes", "kKMGTP"),
    ("iB", "byte", "bytes", "KMGTP"),
    ("b", "bit", "bits", "MGT"),
    ("bit", "bit", "bits", "kMGT"),
    ("bps", "bit per second", "bits per second", "\0kKMGT"),
    ("Bps", "byte per second", "bytes per second", "kKMGT"),
    ("mol", "mole", "moles", "mµμn"),
    ("cal", "calorie", "calories", "k"),
    ("Sv", "sievert", "sieverts", "\0mµμ"),
    ("pc", "parsec", "parsecs", "kM"),
    ("T", "tesla", "teslas", "mµμ"),
];

const PREFIXES: [(char, &str); 15] = [
    ('\0', ""),
    ('k', "kilo"),
    ('K', "kilo"),
    ('M', "mega"),
    ('G', "giga"),
    ('T', "tera"),
    ('P', "peta"),
    ('h', "hecto"),
    ('d', "deci"),
    ('c', "centi"),
    ('m', "milli"),
    ('µ', "micro"),
    ('μ', "micro"),
    ('n', "nano"),
    ('p', "pico"),
];

const BINARY: [(char, &str); 5] = [('K', "kibi"), ('M', "mebi"), ('G', "gibi"), ('T', "tebi"), ('P', "pebi")];

/// The unit with the sign `sign`.
pub(super) fn find(sign: &str) -> Option<(Noun, Surety)> {
    if let Some(&(_, one, many, surety)) = WHOLE.iter().find(|(whole, ..)| *whole == sign) {
        return Some((Noun::new(one, many), surety));
    }
    PREFIXED.into_iter().find_map(|(base, one, many, allowed)| {
        let prefix = sign.strip_suffix(base)?;
        let mut letters = prefix.chars();
        let letter = letters.next().unwrap_or('\0');
        if letters.next().is_some() || !allowed.contains(letter) {
            return None;
        }
        let table: &[(char, &str)] = if base == "iB" { &BINARY } else { &PREFIXES };
        let &(_, name) = table.iter().find(|(known, _)| *known == letter)?;
        let name = if one.starts_with('o') { name.trim_end_matches('o') } else { name };
        Some((Noun { one: format!("{name}{one}"), many: format!("{name}{many}") }, Surety::Sure))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_case_of_a_sign_counts() {
        for (sign, name) in [
            ("Mb", "megabits"),
            ("MB", "megabytes"),
            ("mW", "milliwatts"),
            ("MW", "megawatts"),
            ("KiB", "kibibytes"),
            ("µm", "micrometers"),
            ("ms", "milliseconds"),
            ("Hz", "hertz"),
            ("kPa", "kilopascals"),
            ("Mbps", "megabits per second"),
        ] {
            assert_eq!(find(sign).unwrap().0.many, name);
        }
        assert!(["", "x", "Mx", "of", "PM", "am"].into_iter().all(|sign| find(sign).is_none()));
    }
}
