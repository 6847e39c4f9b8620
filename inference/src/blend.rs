//! Blends of voices: `af_sarah(0.3)+af_jessica(0.7)`.

use std::fmt;
use std::str::FromStr;

use crate::Voice;

/// Weights that add up to 1 within this are left as they are: a blend's name is read back as the same blend.
const ROUNDING: f64 = 1e-6;

/// Voices with weights that add up to 1, each voice once, in the order in which they were first named.
///
/// Written as `af_sarah(0.3)+af_jessica(0.7)` or `af_sarah*0.3+af_jessica*0.7`; a voice without a weight has weight 1
/// before the weights are brought to a sum of 1. White space between the parts means nothing. One voice alone is a
/// blend too.
#[derive(Clone, Debug, PartialEq)]
pub struct Blend {
    parts: Vec<(String, f32)>,
}

/// A text that is no blend of voices.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "'{text}' is not a voice or a blend of voices: expected {expected} at character {position}, found {found}"
)]
pub struct BlendError {
    /// As it was given.
    pub text: String,
    /// What should have stood there.
    pub expected: &'static str,
    /// Place in characters, counted from 1.
    pub position: usize,
    /// What stood there.
    pub found: String,
}

impl Blend {
    /// The voices and their weights.
    pub fn parts(&self) -> impl ExactSizeIterator<Item = (&str, f32)> {
        self.parts.iter().map(|(name, weight)| (name.as_str(), *weight))
    }

    /// The name of the voice, where the blend is of one only.
    pub fn sole(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [(name, _)] => Some(name),
            _ => None,
        }
    }

    /// The weighted mean of the voices, as `load` loads them; of one voice alone, that voice bit for bit.
    ///
    /// # Errors
    /// The first of `load`.
    pub fn mix<E>(&self, mut load: impl FnMut(&str) -> Result<Voice, E>) -> Result<Voice, E> {
        if let Some(name) = self.sole() {
            return load(name);
        }
        let mut voices = Vec::with_capacity(self.parts.len());
        for (name, weight) in self.parts() {
            voices.push((load(name)?, weight));
        }
        Ok(Voice::mean(self.to_string(), &voices))
    }
}

impl fmt::Display for Blend {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(name) = self.sole() {
            return out.write_str(name);
        }
        for (n, (name, weight)) in self.parts.iter().enumerate() {
            let plus = if n > 0 { "+" } else { "" };
            write!(out, "{plus}{name}({weight})")?;
        }
        Ok(())
    }
}

impl FromStr for Blend {
    type Err = BlendError;

    fn from_str(text: &str) -> Result<Self, BlendError> {
        let mut reader = Reader { text, at: 0 };
        let mut parts: Vec<(String, f64)> = Vec::new();
        let mut lightest = None;
        loop {
            let name = reader.name()?;
            let place = reader.place();
            let weight = reader.weight()?;
            if lightest.is_none_or(|(least, _)| weight < least) {
                lightest = Some((weight, place));
            }
            match parts.iter_mut().find(|(known, _)| known == name) {
                Some((_, sum)) => *sum += weight,
                None => parts.push((name.to_owned(), weight)),
            }
            if reader.next().is_none() {
                break;
            }
            if !reader.take('+') {
                return Err(reader.expected("'+' or the end"));
            }
        }
        let sum: f64 = parts.iter().map(|(_, weight)| weight).sum();
        let sum = if (sum - 1.0).abs() <= ROUNDING { 1.0 } else { sum };
        let parts: Vec<_> = parts.into_iter().map(|(name, weight)| (name, (weight / sum) as f32)).collect();
        if parts.iter().any(|&(_, weight)| weight <= 0.0) {
            reader.at = lightest.map_or(0, |(_, place)| place);
            return Err(reader.expected("a weight that counts beside the others"));
        }
        // One voice is itself, however it was weighted.
        let sole = parts.len() == 1;
        let parts = parts.into_iter().map(|(name, weight)| (name, if sole { 1.0 } else { weight }));
        Ok(Self { parts: parts.collect() })
    }
}

/// Reads a blend from left to right.
struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn skip_space(&mut self) {
        self.at = self.text.len() - self.rest().trim_start().len();
    }

    /// The next character that is not white space.
    fn next(&mut self) -> Option<char> {
        self.skip_space();
        self.rest().chars().next()
    }

    /// Where the next character stands.
    fn place(&mut self) -> usize {
        self.skip_space();
        self.at
    }

    fn take(&mut self, symbol: char) -> bool {
        let taken = self.next() == Some(symbol);
        self.at += if taken { symbol.len_utf8() } else { 0 };
        taken
    }

    fn take_while(&mut self, belongs: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let end = rest.find(|symbol| !belongs(symbol)).unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }

    fn name(&mut self) -> Result<&'a str, BlendError> {
        self.skip_space();
        let name = self.take_while(|symbol| symbol.is_alphanumeric() || matches!(symbol, '_' | '-'));
        if name.is_empty() { Err(self.expected("a voice's name")) } else { Ok(name) }
    }

    /// The weight after a name; 1 where there is none.
    fn weight(&mut self) -> Result<f64, BlendError> {
        if self.take('*') {
            return self.number();
        }
        if !self.take('(') {
            return Ok(1.0);
        }
        let weight = self.number()?;
        if self.take(')') { Ok(weight) } else { Err(self.expected("')'")) }
    }

    fn number(&mut self) -> Result<f64, BlendError> {
        let start = self.place();
        let digits = self.take_while(|symbol| symbol.is_alphanumeric() || matches!(symbol, '.' | '-'));
        // Kept to what an f32 holds, as the style packs are.
        match digits.parse::<f32>() {
            Ok(weight) if weight > 0.0 && weight.is_finite() => {
                // By way of decimals, so that 0.3 and 0.7 are 1.
                Ok(digits.parse().unwrap_or_else(|_| f64::from(weight)))
            }
            _ => {
                self.at = start;
                Err(self.expected("a weight above 0, such as 0.3,"))
            }
        }
    }

    fn expected(&self, expected: &'static str) -> BlendError {
        let rest = self.rest().trim_start();
        let at = self.text.len() - rest.len();
        let found = match rest.split(['+', ')', '(', '*']).next().map(str::trim) {
            _ if rest.is_empty() => "the end".to_owned(),
            Some(piece) if !piece.is_empty() => format!("'{piece}'"),
            _ => format!("'{}'", rest.chars().take(1).collect::<String>()),
        };
        let position = self.text[..at].chars().count() + 1;
        BlendError { text: self.text.to_owned(), expected, position, found }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::voice::PACK_BYTES;
    use proptest::prelude::*;
    use std::convert::Infallible;
    use std::path::Path;

    fn blend(text: &str) -> Blend {
        text.parse().unwrap()
    }

    fn refused(text: &str) -> String {
        let error = text.parse::<Blend>().unwrap_err();
        error.to_string().split_once("voices: ").unwrap().1.to_owned()
    }

    /// A voice whose pack holds nothing but its loudness.
    fn load(name: &str) -> Voice {
        let value: f32 = match name {
            "a" => 0.1,
            "b" => 0.7,
            _ => -3.0,
        };
        let bytes: Vec<u8> = value.to_le_bytes().into_iter().cycle().take(PACK_BYTES).collect();
        Voice::from_pack(name, &bytes, Path::new(name)).unwrap()
    }

    fn mixed(text: &str) -> Voice {
        let mixed: Result<_, Infallible> = blend(text).mix(|name| Ok(load(name)));
        mixed.unwrap()
    }

    #[test]
    fn both_ways_of_writing_a_blend_are_the_same() {
        let round = blend("af_sarah(0.3)+af_jessica(0.7)");
        assert_eq!(round, blend(" af_sarah * 0.3 + af_jessica*0.7 "));
        assert_eq!(round.to_string(), "af_sarah(0.3)+af_jessica(0.7)");
    }

    #[test]
    fn weights_are_brought_to_a_sum_of_one() {
        assert_eq!(blend("a(2)+b(6)").to_string(), "a(0.25)+b(0.75)");
        assert_eq!(blend("a+b").to_string(), "a(0.5)+b(0.5)");
        assert_eq!(blend("a + b(3)").to_string(), "a(0.25)+b(0.75)");
        let thirds: f32 = blend("a+b+c").parts().map(|(_, weight)| weight).sum();
        assert!((thirds - 1.0).abs() < 1e-6);
    }

    #[test]
    fn one_voice_is_that_voice_however_it_is_weighted() {
        for text in
            ["af_heart", "af_heart*1", "af_heart(0.2)", "af_heart+af_heart", "af_heart(.2)+af_heart*7"]
        {
            assert_eq!(
                (blend(text).sole(), blend(text).to_string().as_str()),
                (Some("af_heart"), "af_heart")
            );
        }
        assert_eq!(blend("a+b").sole(), None);
    }

    #[test]
    fn what_was_expected_is_said_with_its_place() {
        assert_eq!(refused(""), "expected a voice's name at character 1, found the end");
        assert_eq!(refused("a+"), "expected a voice's name at character 3, found the end");
        assert_eq!(refused("a++b"), "expected a voice's name at character 3, found '+'");
        assert_eq!(refused("a b"), "expected '+' or the end at character 3, found 'b'");
        assert_eq!(refused("a(0.3"), "expected ')' at character 6, found the end");
        assert_eq!(refused("a(0.3)b"), "expected '+' or the end at character 7, found 'b'");
        assert_eq!(refused("ä/b"), "expected '+' or the end at character 2, found '/b'");
        for weight in ["0", "-1", "NaN", "inf", "1e99", "x"] {
            let expected =
                format!("expected a weight above 0, such as 0.3, at character 3, found '{weight}'");
            assert_eq!(refused(&format!("a({weight})+b")), expected);
            assert_eq!(refused(&format!("a*{weight}+b")), expected);
        }
        assert_eq!(refused("a()"), "expected a weight above 0, such as 0.3, at character 3, found ')'");
        assert_eq!(
            refused("b(1e30) + a(1e-40)"),
            "expected a weight that counts beside the others at character 12, found '('"
        );
    }

    #[test]
    fn a_blend_of_packs_is_their_weighted_mean() {
        let mixed = mixed("a(1)+b(3)");
        assert_eq!(mixed.name(), "a(0.25)+b(0.75)");
        for count in [1, 510] {
            assert!(mixed.style(count).unwrap().iter().all(|value| (value - 0.55).abs() < 1e-6));
        }
    }

    #[test]
    fn a_blend_of_a_voice_with_itself_is_that_voice_bit_for_bit() {
        let (mixed, alone) = (mixed("a(0.3)+a(0.4)"), load("a"));
        assert_eq!(mixed, alone);
    }

    #[test]
    fn the_first_voice_that_cannot_be_loaded_is_the_error() {
        let mixed = blend("a+b+c")
            .mix(|name| if name == "a" { Ok(Voice::named(name)) } else { Err(name.to_owned()) });
        assert_eq!(mixed.unwrap_err(), "b");
    }

    proptest! {
        #[test]
        fn the_name_of_a_blend_is_read_back_as_the_same_blend(
            weights in prop::collection::vec(1e-3_f32..1e3, 1..9),
        ) {
            let named = weights.iter().enumerate().map(|(n, weight)| format!("v{n}({weight})"));
            let blend = blend(&named.collect::<Vec<_>>().join(" + "));
            let again: Blend = blend.to_string().parse().unwrap();
            prop_assert_eq!(again.to_string(), blend.to_string());
            let sum: f64 = blend.parts().map(|(_, weight)| f64::from(weight)).sum();
            prop_assert!((sum - 1.0).abs() < 1e-6);
        }

        #[test]
        fn no_text_breaks_the_reader(text in r"[ab_ ()*+.0-9eé-]{0,20}") {
            if let Ok(blend) = text.parse::<Blend>() {
                prop_assert!(blend.parts().all(|(_, weight)| weight > 0.0 && weight <= 1.0));
            }
        }
    }
}
