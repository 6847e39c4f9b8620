//! What is repeated beyond all sense: `=-=-=-=-`, `hahahaha`, `x=x=x=x=`, a hundred times.
//!
//! Nobody wants to hear it, and reading it costs as much as an hour of prose. A few times are said.

use crate::normalise::rewriting::Rewritten;
use crate::span_map::SpanMap;

/// The longest stretch that is looked for again right behind itself, in characters.
const LONGEST_PERIOD: usize = 16;

/// Repetitions shorter than this, in characters, are left as they are.
const SHORTEST: usize = 96;

/// How often the stretch is said.
const TIMES: usize = 4;

/// The text with repetitions inside its words shortened, and how many characters that left out.
pub(super) fn shorten(text: &str, map: SpanMap) -> (Rewritten, usize) {
    if !text.split(' ').any(|word| word.len() >= SHORTEST) {
        return (Rewritten::without_rules((text.to_owned(), map)), 0);
    }
    let mut short = String::with_capacity(text.len());
    let mut shortened = SpanMap::default();
    let mut dropped = 0;
    let mut start = 0;
    for word in text.split_inclusive(' ') {
        let characters: Vec<(usize, char)> = word.char_indices().collect();
        let byte = |index: usize| characters.get(index).map_or(word.len(), |&(at, _)| at);
        let mut at = 0;
        while at < characters.len() {
            let repeated = if characters.len() < SHORTEST { None } else { repetition(&characters[at..]) };
            let (kept, end) = match repeated {
                Some((period, len)) => (at + TIMES * period, at + len),
                None => (at + 1, at + 1),
            };
            let source = start + byte(at)..start + byte(kept);
            short.push_str(&text[source.clone()]);
            shortened.copy(source);
            dropped += end - kept;
            at = end;
        }
        start += word.len();
    }
    (Rewritten::without_rules((short, map.then(&shortened))), dropped)
}

/// The period of the repetition that `characters` begin with, and its whole length.
fn repetition(characters: &[(usize, char)]) -> Option<(usize, usize)> {
    (1..=LONGEST_PERIOD).find_map(|period| {
        let again = characters.iter().zip(characters.iter().skip(period));
        let len = period + again.take_while(|((_, a), (_, b))| a == b).count();
        (len >= SHORTEST).then_some((period, len))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn short(text: &str) -> (String, usize) {
        let (short, dropped) = shorten(text, SpanMap::identity(text.len()));
        assert_eq!(short.map.len(), short.text.len());
        (short.text, dropped)
    }

    #[test]
    fn long_repetitions_are_said_a_few_times() {
        assert_eq!(short(&format!("so {}!", "ha".repeat(60))), ("so hahahaha!".into(), 112));
        assert_eq!(short(&"x=".repeat(5_000)), ("x=x=x=x=".into(), 9_992));
        assert_eq!(short(&format!("a{} b", "é".repeat(200))), ("aéééé b".into(), 196));
    }

    #[test]
    fn other_texts_stay_as_they_are() {
        let address = format!("https://example.com/{}", ('a'..='z').collect::<String>().repeat(5));
        for text in ["", "so hahahaha", "bananas banana banana", &address, &"a long text ".repeat(50)] {
            assert_eq!(short(text), (text.to_owned(), 0));
        }
    }

    #[test]
    fn what_is_left_stands_for_itself() {
        let text = format!("{} end", "ab".repeat(100));
        let (short, _) = shorten(&text, SpanMap::identity(text.len()));
        let at = short.text.find("end").unwrap();
        assert_eq!(&text[short.map.source(at..at + 3)], "end");
    }

    proptest! {
        #[test]
        fn shortening_twice_is_shortening_once(piece in ".{1,20}", times in 1_usize..40, tail in ".{0,20}") {
            let (once, _) = short(&(piece.repeat(times) + &tail));
            prop_assert_eq!(short(&once), (once.clone(), 0));
        }
    }
}
