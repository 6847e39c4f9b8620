//! Words that a known word and an ending, or a beginning and a known word, make up.

/// Endings with their sound in American and in British English; the stem keeps its stress.
const ENDINGS: [(&str, &str, &str); 14] = [
    ("able", "əbᵊl", "əbᵊl"),
    ("ables", "əbᵊlz", "əbᵊlz"),
    ("er", "əɹ", "ə"),
    ("ers", "əɹz", "əz"),
    ("or", "əɹ", "ə"),
    ("ors", "əɹz", "əz"),
    ("ness", "nəs", "nəs"),
    ("less", "ləs", "ləs"),
    ("ment", "mᵊnt", "mᵊnt"),
    ("ly", "li", "li"),
    ("ful", "fᵊl", "fᵊl"),
    ("ish", "ɪʃ", "ɪʃ"),
    ("ism", "ɪzəm", "ɪzəm"),
    ("ist", "ɪst", "ɪst"),
];

/// Beginnings with their sound in American and in British English; the rest keeps its stress.
const BEGINNINGS: [(&str, &str, &str); 11] = [
    ("un", "ˌʌn", "ˌʌn"),
    ("re", "ɹi", "ɹiː"),
    ("non", "nˌɑn", "nˌɒn"),
    ("pre", "pɹi", "pɹiː"),
    ("sub", "sˌʌb", "sˌʌb"),
    ("meta", "mˌɛTə", "mˌɛtə"),
    ("multi", "mˌʌlti", "mˌʌlti"),
    ("over", "ˌOvəɹ", "ˌQvə"),
    ("micro", "mˌIkɹO", "mˌIkɹQ"),
    ("auto", "ˌɔTO", "ˌɔːtQ"),
    ("super", "sˌupəɹ", "sˌuːpə"),
];

/// Letters that the shortest stem has.
const SHORTEST_STEM: usize = 3;

/// The sound of `word`, in lower case, as derived from a word that `known` has a sound for.
pub(super) fn derive(word: &str, british: bool, known: &dyn Fn(&str) -> Option<String>) -> Option<String> {
    ended(word, british, known).or_else(|| {
        BEGINNINGS.iter().find_map(|&(beginning, us, gb)| {
            let rest = word.strip_prefix(beginning).filter(|rest| rest.len() > SHORTEST_STEM)?;
            let sound = known(rest).or_else(|| ended(rest, british, known))?;
            Some(String::from(if british { gb } else { us }) + &sound)
        })
    })
}

fn ended(word: &str, british: bool, known: &dyn Fn(&str) -> Option<String>) -> Option<String> {
    ENDINGS.iter().find_map(|&(ending, us, gb)| {
        let stem = word.strip_suffix(ending).filter(|stem| stem.len() >= SHORTEST_STEM)?;
        let mut sound =
            known(&format!("{stem}e")).or_else(|| known(stem)).or_else(|| known(undoubled(stem)?))?;
        let spoken = if british { gb } else { us };
        if spoken.starts_with(['ə', 'ɪ']) {
            link(&mut sound, british);
        }
        Some(sound + spoken)
    })
}

/// The stem of a word that doubled its last consonant before the ending.
fn undoubled(stem: &str) -> Option<&str> {
    let mut letters = stem.bytes().rev();
    let (last, before) = (letters.next()?, letters.next()?);
    (last == before && !b"aeiou".contains(&last)).then(|| &stem[..stem.len() - 1])
}

/// Fits the end of a stem to the vowel that follows: an American t is tapped, a British r is heard again.
fn link(stem: &mut String, british: bool) {
    let mut ending = stem.chars().rev();
    match (ending.next(), ending.next()) {
        (Some('t'), Some(before)) if !british && "AIOWYiuæɑəɛɪɹʊʌ".contains(before) => {
            stem.pop();
            stem.push('T');
        }
        (Some('ə' | 'ː'), Some(before)) if british && !matches!(before, 'i' | 'u') => stem.push('ɹ'),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(word: &str) -> Option<String> {
        let sound = match word {
            "iterate" => "ˈɪTəɹˌAt",
            "sample" => "sˈæmpᵊl",
            "format" => "fˈɔɹmˌæt",
            "hash" => "hˈæʃ",
            "star" => "stˈɑː",
            _ => return None,
        };
        Some(sound.to_owned())
    }

    #[test]
    fn stems_are_found_with_silent_e_and_without_doubling() {
        assert_eq!(derive("iterator", false, &known).as_deref(), Some("ˈɪTəɹˌATəɹ"));
        assert_eq!(derive("formattable", false, &known).as_deref(), Some("fˈɔɹmˌæTəbᵊl"));
        assert_eq!(derive("hashable", true, &known).as_deref(), Some("hˈæʃəbᵊl"));
        assert_eq!(derive("starish", true, &known).as_deref(), Some("stˈɑːɹɪʃ"));
    }

    #[test]
    fn a_beginning_may_precede_a_derived_word() {
        assert_eq!(derive("resampler", true, &known).as_deref(), Some("ɹiːsˈæmpᵊlə"));
        assert_eq!(derive("zorber", false, &known), None);
    }
}
