//! What of a fragment its durations tell about the norms, before a sample of it is computed.

use sostenuto_g2p::vocabulary::is_spoken;

/// The share of a fragment in which nobody speaks: its pads and its punctuation, by their lengths. A space is short
/// and runs on in its neighbours' voice, so it counts as speech.
///
/// `durations` has one length per symbol of `phonemes` and one for the pad at either end, in any unit. `None` where the
/// two do not belong together, or the fragment has no length.
pub fn silent_share(phonemes: &str, durations: &[u32]) -> Option<f32> {
    let (lead, rest) = durations.split_first()?;
    let (tail, spoken) = rest.split_last()?;
    if phonemes.chars().count() != spoken.len() {
        return None;
    }
    let symbols = phonemes.chars().zip(spoken);
    let marks = symbols.filter(|&(symbol, _)| symbol != ' ' && !is_spoken(symbol)).map(|(_, &length)| length);
    let silent: u64 = marks.chain([*lead, *tail]).map(u64::from).sum();
    let whole: u64 = durations.iter().copied().map(u64::from).sum();
    (whole > 0).then(|| (silent as f64 / whole as f64) as f32)
}

/// Words of `phonemes`: what stands between spaces and is heard.
pub fn words(phonemes: &str) -> usize {
    phonemes.split(' ').filter(|word| word.chars().any(is_spoken)).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pads_and_punctuation_are_silent_and_spaces_are_not() {
        assert_eq!(silent_share("ab, c.", &[10, 5, 5, 4, 6, 4, 2, 4]), Some(0.5));
        assert_eq!(silent_share("a", &[0, 3, 0]), Some(0.0));
    }

    #[test]
    fn durations_of_another_fragment_tell_nothing() {
        assert_eq!(silent_share("ab", &[1, 2, 3]), None);
        assert_eq!(silent_share("", &[]), None);
        assert_eq!(silent_share("a", &[0, 0, 0]), None);
    }

    #[test]
    fn a_word_is_something_that_is_heard() {
        assert_eq!(words("ðə ʃˈɑp ɪz klˈOzd tədˈA."), 5);
        assert_eq!(words("wˈʌn — tˈu  ..."), 2);
        assert_eq!(words(""), 0);
    }
}
