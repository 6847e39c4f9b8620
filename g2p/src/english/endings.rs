//! The sounds of -s, -ed and -ing after a stem.

/// Sounds after which an American t becomes a tap before a vowel.
const BEFORE_TAP: &str = "AIOWYiuæɑəɛɪɹʊʌ";

/// The plural, the third person and the possessive. Source: the rules of English inflection, as misaki has them.
pub(crate) fn s(stem: &str, british: bool) -> Option<String> {
    let last = stem.chars().last()?;
    Some(if "ptkfθ".contains(last) {
        format!("{stem}s")
    } else if "szʃʒʧʤ".contains(last) {
        format!("{stem}{}z", weak_i(british))
    } else {
        format!("{stem}z")
    })
}

/// The past.
pub(crate) fn ed(stem: &str, british: bool) -> Option<String> {
    let mut ending = stem.chars().rev();
    let (last, before) = (ending.next()?, ending.next());
    Some(match last {
        'p' | 'k' | 'f' | 'θ' | 'ʃ' | 's' | 'ʧ' => format!("{stem}t"),
        'd' => format!("{stem}{}d", weak_i(british)),
        't' => match before {
            Some(before) if !british && BEFORE_TAP.contains(before) => {
                format!("{}ɾᵻd", &stem[..stem.len() - 1])
            }
            Some(_) if !british => format!("{stem}ᵻd"),
            _ => format!("{stem}ɪd"),
        },
        _ => format!("{stem}d"),
    })
}

/// The participle; `None` for British stems whose r would be heard again, which the stem does not tell.
pub(crate) fn ing(stem: &str, british: bool) -> Option<String> {
    let mut ending = stem.chars().rev();
    let (last, before) = (ending.next()?, ending.next());
    if british {
        return (!matches!(last, 'ə' | 'ː')).then(|| format!("{stem}ɪŋ"));
    }
    Some(match before {
        Some(before) if last == 't' && BEFORE_TAP.contains(before) => {
            format!("{}ɾɪŋ", &stem[..stem.len() - 1])
        }
        _ => format!("{stem}ɪŋ"),
    })
}

const fn weak_i(british: bool) -> &'static str {
    if british { "ɪ" } else { "ᵻ" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_sound_of_the_stem_decides() {
        assert_eq!(s("kˈæt", false).unwrap(), "kˈæts");
        assert_eq!(s("dˈɔɡ", false).unwrap(), "dˈɔɡz");
        assert_eq!(s("hˈɔːs", true).unwrap(), "hˈɔːsɪz");
        assert_eq!(ed("wˈɔk", false).unwrap(), "wˈɔkt");
        assert_eq!(ed("wˈAt", false).unwrap(), "wˈAɾᵻd");
        assert_eq!(ed("wˈɛlt", false).unwrap(), "wˈɛltᵻd");
        assert_eq!(ed("wˈAt", true).unwrap(), "wˈAtɪd");
        assert_eq!(ing("wˈAt", false).unwrap(), "wˈAɾɪŋ");
        assert_eq!(ing("stˈɑː", true), None);
        assert_eq!(s("", false), None);
    }
}
