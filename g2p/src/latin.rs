//! Latin letters with marks: composing them, and folding them to their plain letters.

/// The letter with its mark, the plain letter, the combining mark. Source: the Unicode Character Database,
/// canonical decompositions of the letters that European names are written with.
#[rustfmt::skip]
const MARKED: [(char, char, char); 74] = [
    ('À', 'A', '\u{300}'), ('Á', 'A', '\u{301}'), ('Â', 'A', '\u{302}'), ('Ã', 'A', '\u{303}'),
    ('Ä', 'A', '\u{308}'), ('Å', 'A', '\u{30a}'), ('Ç', 'C', '\u{327}'), ('È', 'E', '\u{300}'),
    ('É', 'E', '\u{301}'), ('Ê', 'E', '\u{302}'), ('Ë', 'E', '\u{308}'), ('Ì', 'I', '\u{300}'),
    ('Í', 'I', '\u{301}'), ('Î', 'I', '\u{302}'), ('Ï', 'I', '\u{308}'), ('Ñ', 'N', '\u{303}'),
    ('Ò', 'O', '\u{300}'), ('Ó', 'O', '\u{301}'), ('Ô', 'O', '\u{302}'), ('Õ', 'O', '\u{303}'),
    ('Ö', 'O', '\u{308}'), ('Ù', 'U', '\u{300}'), ('Ú', 'U', '\u{301}'), ('Û', 'U', '\u{302}'),
    ('Ü', 'U', '\u{308}'), ('Ý', 'Y', '\u{301}'), ('Č', 'C', '\u{30c}'), ('Š', 'S', '\u{30c}'),
    ('Ž', 'Z', '\u{30c}'), ('à', 'a', '\u{300}'), ('á', 'a', '\u{301}'), ('â', 'a', '\u{302}'),
    ('ã', 'a', '\u{303}'), ('ä', 'a', '\u{308}'), ('å', 'a', '\u{30a}'), ('ā', 'a', '\u{304}'),
    ('ă', 'a', '\u{306}'), ('ą', 'a', '\u{328}'), ('ç', 'c', '\u{327}'), ('ć', 'c', '\u{301}'),
    ('č', 'c', '\u{30c}'), ('è', 'e', '\u{300}'), ('é', 'e', '\u{301}'), ('ê', 'e', '\u{302}'),
    ('ë', 'e', '\u{308}'), ('ē', 'e', '\u{304}'), ('ę', 'e', '\u{328}'), ('ě', 'e', '\u{30c}'),
    ('ì', 'i', '\u{300}'), ('í', 'i', '\u{301}'), ('î', 'i', '\u{302}'), ('ï', 'i', '\u{308}'),
    ('ī', 'i', '\u{304}'), ('ñ', 'n', '\u{303}'), ('ń', 'n', '\u{301}'), ('ň', 'n', '\u{30c}'),
    ('ò', 'o', '\u{300}'), ('ó', 'o', '\u{301}'), ('ô', 'o', '\u{302}'), ('õ', 'o', '\u{303}'),
    ('ö', 'o', '\u{308}'), ('ō', 'o', '\u{304}'), ('ő', 'o', '\u{30b}'), ('ř', 'r', '\u{30c}'),
    ('ś', 's', '\u{301}'), ('š', 's', '\u{30c}'), ('ù', 'u', '\u{300}'), ('ú', 'u', '\u{301}'),
    ('û', 'u', '\u{302}'), ('ü', 'u', '\u{308}'), ('ū', 'u', '\u{304}'), ('ý', 'y', '\u{301}'),
    ('ÿ', 'y', '\u{308}'), ('ž', 'z', '\u{30c}'),
];

/// Letters that no mark explains, and the plain letters that English readers put in their place.
const LETTERS: [(char, &str); 18] = [
    ('Æ', "Ae"),
    ('æ', "ae"),
    ('Œ', "Oe"),
    ('œ', "oe"),
    ('Ø', "O"),
    ('ø', "o"),
    ('ß', "ss"),
    ('Ł', "L"),
    ('ł', "l"),
    ('Đ', "D"),
    ('đ', "d"),
    ('Ð', "Th"),
    ('ð', "th"),
    ('Þ', "Th"),
    ('þ', "th"),
    ('ı', "i"),
    ('ż', "z"),
    ('ź', "z"),
];

/// Whether `letter` belongs to the script that English is written in.
pub(crate) fn is_latin(letter: char) -> bool {
    letter.is_alphabetic() && matches!(letter, '\0'..='\u{24f}' | '\u{1e00}'..='\u{1eff}')
}

/// The one letter that `base` and a combining `mark` make, if it is a common one.
pub(crate) fn compose(base: char, mark: char) -> Option<char> {
    MARKED.iter().find(|&&(_, b, m)| b == base && m == mark).map(|&(composed, ..)| composed)
}

/// Writes `letter` with plain ASCII letters to `out`; returns whether it could.
pub(crate) fn fold(letter: char, out: &mut String) -> bool {
    if letter.is_ascii_alphabetic() {
        out.push(letter);
    } else if let Some(&(_, base, _)) = MARKED.iter().find(|&&(composed, ..)| composed == letter) {
        out.push(base);
    } else if let Some(&(_, plain)) = LETTERS.iter().find(|&&(l, _)| l == letter) {
        out.push_str(plain);
    } else {
        return false;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_and_its_mark_become_one_letter() {
        assert_eq!(compose('e', '\u{301}'), Some('é'));
        assert_eq!(compose('q', '\u{301}'), None);
    }

    #[test]
    fn marked_letters_fold_to_plain_ones() {
        let mut out = String::new();
        for letter in "Łódź Straße".chars().filter(|c| c.is_alphabetic()) {
            assert!(fold(letter, &mut out));
        }
        assert_eq!(out, "LodzStrasse");
        assert!(!fold('ж', &mut out));
    }

    #[test]
    fn other_scripts_are_not_latin() {
        assert!(is_latin('é') && is_latin('ß') && is_latin('Z'));
        assert!(!is_latin('ж') && !is_latin('中') && !is_latin('ع') && !is_latin('1'));
    }
}
