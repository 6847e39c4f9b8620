//! Stress marks in phonemes: weakening, strengthening and setting them.

/// The mark of the main stress.
pub(super) const PRIMARY: char = 'ˈ';
/// The mark of a lesser stress.
pub(super) const SECONDARY: char = 'ˌ';

/// The vowels of both dialects.
pub(super) const VOWELS: &str = "AIOQWYaiuæɑɒɔəɛɜɪʊʌᵻ";

/// How strong a word is said, on misaki's scale: below -1 without any stress, -1 and -0.5 weakened, 0 to 1 at least
/// a secondary stress, 2 a primary one.
pub(super) type Level = f32;

pub(super) fn is_vowel(symbol: char) -> bool {
    VOWELS.contains(symbol)
}

fn is_mark(symbol: char) -> bool {
    symbol == PRIMARY || symbol == SECONDARY
}

/// `phonemes` with its stress set to `level`.
pub(super) fn set(phonemes: &str, level: Level) -> String {
    let primary = phonemes.contains(PRIMARY);
    let secondary = phonemes.contains(SECONDARY);
    let bare = !primary && !secondary;
    if level < -1.0 {
        phonemes.replace([PRIMARY, SECONDARY], "")
    } else if level == -1.0 || primary && (level == 0.0 || level == -0.5) {
        phonemes.replace(SECONDARY, "").replace(PRIMARY, "ˌ")
    } else if bare && (level == 0.0 || level == 0.5 || level == 1.0) {
        mark(phonemes, SECONDARY)
    } else if level >= 1.0 && !primary && secondary {
        phonemes.replace(SECONDARY, "ˈ")
    } else if level > 1.0 && bare {
        mark(phonemes, PRIMARY)
    } else {
        phonemes.to_owned()
    }
}

/// Puts `stress` before the first vowel, if there is one.
fn mark(phonemes: &str, stress: char) -> String {
    match phonemes.find(is_vowel) {
        Some(at) => format!("{}{stress}{}", &phonemes[..at], &phonemes[at..]),
        None => phonemes.to_owned(),
    }
}

/// How much a stretch of phonemes weighs when one stress must give way: diphthongs and affricates count twice.
pub(super) fn weight(phonemes: &str) -> usize {
    phonemes.chars().map(|c| if "AIOQWYʤʧ".contains(c) { 2 } else { 1 }).sum()
}

/// Leaves the last primary stress of every unspaced stretch and makes the ones before it secondary.
pub(super) fn keep_last(phonemes: &str) -> String {
    let stretch = |stretch: &str| match stretch.rsplit_once(PRIMARY) {
        Some((before, after)) => format!("{}{PRIMARY}{after}", before.replace(PRIMARY, "ˌ")),
        None => stretch.to_owned(),
    };
    phonemes.split(' ').map(stretch).collect::<Vec<_>>().join(" ")
}

/// The phonemes without their stress marks.
pub(super) fn without(phonemes: &str) -> impl Iterator<Item = char> + '_ {
    phonemes.chars().filter(|&c| !is_mark(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_weaken_and_strengthen() {
        assert_eq!(set("hˈWs", -2.0), "hWs");
        assert_eq!(set("ˌɔdɪˈO", -0.5), "ɔdɪˌO");
        assert_eq!(set("ðɛɹ", 0.5), "ðˌɛɹ");
        assert_eq!(set("ðˌɛɹ", 2.0), "ðˈɛɹ");
        assert_eq!(set("ðɛɹ", 2.0), "ðˈɛɹ");
        assert_eq!(set("ʃ", 2.0), "ʃ");
        assert_eq!(set("hˈWs", 0.5), "hˈWs");
    }

    #[test]
    fn only_the_last_primary_stress_of_a_compound_stays() {
        assert_eq!(keep_last("ˈɔdɪˈO tˈu"), "ˌɔdɪˈO tˈu");
    }
}
