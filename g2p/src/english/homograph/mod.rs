//! Readings of one spelling, told apart by the words around it.
//!
//! A tag tells most homographs apart; these are the ones that it does not, because both readings are nouns, or
//! because the tagger errs on them. Where no cue fires the lexicon's choice stands.

mod rules;
mod scene;

use rules::Reading;
use scene::{Scene, Words};

use super::token::{Sound, Token};
use crate::reason::Reason;
use crate::user_lexicon::UserWords;

/// A spelling with its two readings.
struct Homograph {
    spelling: &'static str,
    /// American sounds of the first and the second reading.
    us: [&'static str; 2],
    /// British ones.
    gb: [&'static str; 2],
    /// Which reading the cues in a sentence speak for.
    choose: fn(&Scene<'_>) -> Option<Reading>,
}

const fn homograph(
    spelling: &'static str,
    us: [&'static str; 2],
    gb: [&'static str; 2],
    choose: fn(&Scene<'_>) -> Option<Reading>,
) -> Homograph {
    Homograph { spelling, us, gb, choose }
}

/// Sorted by spelling. The sounds are those of the lexicon, where it has them.
#[rustfmt::skip]
const HOMOGRAPHS: [Homograph; 22] = [
    homograph("bass", ["bˈæs", "bˈAs"], ["bˈas", "bˈAs"], rules::bass),
    homograph("bow", ["bˈO", "bˈW"], ["bˈQ", "bˈW"], rules::bow),
    homograph("bowed", ["bˈOd", "bˈWd"], ["bˈQd", "bˈWd"], rules::bow),
    homograph("bows", ["bˈOz", "bˈWz"], ["bˈQz", "bˈWz"], rules::bow),
    homograph("close", ["klˈOs", "klˈOz"], ["klˈQs", "klˈQz"], rules::close),
    homograph("dove", ["dˈʌv", "dˈOv"], ["dˈʌv", "dˈQv"], rules::dove),
    homograph("lead", ["lˈid", "lˈɛd"], ["lˈiːd", "lˈɛd"], rules::lead),
    homograph("live", ["lˈɪv", "lˈIv"], ["lˈɪv", "lˈIv"], rules::live),
    homograph("lives", ["lˈɪvz", "lˈIvz"], ["lˈɪvz", "lˈIvz"], rules::lives),
    homograph("minute", ["mˈɪnət", "mInˈut"], ["mˈɪnɪt", "mInjˈuːt"], rules::minute),
    homograph("polish", ["pˈɑlɪʃ", "pˈOlɪʃ"], ["pˈɒlɪʃ", "pˈQlɪʃ"], rules::polish),
    homograph("read", ["ɹˈid", "ɹˈɛd"], ["ɹˈiːd", "ɹˈɛd"], rules::read),
    homograph("resume", ["ɹəzˈum", "ɹˈɛzəmˌA"], ["ɹɪzjˈuːm", "ɹˈɛzjʊmˌA"], rules::resume),
    homograph("row", ["ɹˈO", "ɹˈW"], ["ɹˈQ", "ɹˈW"], rules::row),
    homograph("rows", ["ɹˈOz", "ɹˈWz"], ["ɹˈQz", "ɹˈWz"], rules::row),
    homograph("sewer", ["sˈuəɹ", "sˈOəɹ"], ["sˈuːə", "sˈQə"], rules::sewer),
    homograph("sewers", ["sˈuəɹz", "sˈOəɹz"], ["sˈuːəz", "sˈQəz"], rules::sewer),
    homograph("tear", ["tˈɪɹ", "tˈɛɹ"], ["tˈɪə", "tˈɛː"], rules::tear),
    homograph("tears", ["tˈɪɹz", "tˈɛɹz"], ["tˈɪəz", "tˈɛːz"], rules::tears),
    homograph("wind", ["wˈɪnd", "wˈInd"], ["wˈɪnd", "wˈInd"], rules::wind),
    homograph("winds", ["wˈɪndz", "wˈIndz"], ["wˈɪndz", "wˈIndz"], rules::wind),
    homograph("wound", ["wˈund", "wˈWnd"], ["wˈuːnd", "wˈWnd"], rules::wound),
];

/// Sets the sound of words whose neighbours tell which reading is meant, but for those that the user has settled.
pub(super) fn choose(tokens: &mut [Token<'_>], british: bool, user: Option<&UserWords>) {
    let places: Vec<(usize, &Homograph)> =
        tokens.iter().enumerate().filter_map(|(at, token)| Some((at, find(token)?))).collect();
    if places.is_empty() {
        return;
    }
    let words = Words::new(tokens);
    for (at, homograph) in places {
        if user.is_some_and(|user| user.find(&tokens[at].text, british).is_some()) {
            continue;
        }
        if let Some(reading) = (homograph.choose)(&words.seen_from(at)) {
            let sounds = if british { homograph.gb } else { homograph.us };
            tokens[at].sound = Some(Sound::new(sounds[reading as usize], Reason::Homograph));
        }
    }
}

/// Whether the sound of `token` may hang on the words around it.
pub(super) fn is_one(token: &Token<'_>) -> bool {
    find(token).is_some()
}

fn find(token: &Token<'_>) -> Option<&'static Homograph> {
    if !token.is_open() || !(3..=6).contains(&token.text.len()) {
        return None;
    }
    let lower = token.text.to_ascii_lowercase();
    HOMOGRAPHS
        .binary_search_by_key(&lower.as_str(), |homograph| homograph.spelling)
        .ok()
        .map(|i| &HOMOGRAPHS[i])
}

#[cfg(test)]
mod tests;
