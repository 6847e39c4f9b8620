//! Kokoro's vocabulary: the 114 symbols that a session understands, and their token ids.
//!
//! Source: `vocab` in the configuration that Kokoro-82M v1.0 was published with; the distilled model uses the same
//! table. Id 0 is the pad at both ends of every fragment.

/// A token id as the models take it.
pub type TokenId = u8;

/// The pad that stands before the first and after the last symbol.
pub const PAD: TokenId = 0;

/// The longest fragment that Kokoro was built for, in tokens, without the two pads.
pub const MAX_TOKENS: usize = 510;

#[rustfmt::skip]
const SYMBOLS: [(char, TokenId); 114] = [
    (' ', 16), ('!', 5), ('"', 11), ('(', 12), (')', 13), (',', 3), ('.', 4), (':', 2), (';', 1), ('?', 6),
    ('A', 24), ('I', 25), ('O', 31), ('Q', 33), ('S', 35), ('T', 36), ('W', 39), ('Y', 41), ('a', 43),
    ('b', 44), ('c', 45), ('d', 46), ('e', 47), ('f', 48), ('h', 50), ('i', 51), ('j', 52), ('k', 53),
    ('l', 54), ('m', 55), ('n', 56), ('o', 57), ('p', 58), ('q', 59), ('r', 60), ('s', 61), ('t', 62),
    ('u', 63), ('v', 64), ('w', 65), ('x', 66), ('y', 67), ('z', 68), ('æ', 72), ('ç', 78), ('ð', 81),
    ('ø', 116), ('ŋ', 112), ('œ', 120), ('ɐ', 70), ('ɑ', 69), ('ɒ', 71), ('ɔ', 76), ('ɕ', 77), ('ɖ', 80),
    ('ə', 83), ('ɚ', 85), ('ɛ', 86), ('ɜ', 87), ('ɟ', 90), ('ɡ', 92), ('ɣ', 139), ('ɤ', 140), ('ɥ', 99),
    ('ɨ', 101), ('ɪ', 102), ('ɯ', 110), ('ɰ', 111), ('ɲ', 114), ('ɳ', 113), ('ɴ', 115), ('ɸ', 118),
    ('ɹ', 123), ('ɻ', 126), ('ɽ', 129), ('ɾ', 125), ('ʁ', 128), ('ʂ', 130), ('ʃ', 131), ('ʈ', 132),
    ('ʊ', 135), ('ʋ', 136), ('ʌ', 138), ('ʎ', 143), ('ʒ', 147), ('ʔ', 148), ('ʝ', 103), ('ʣ', 18),
    ('ʤ', 82), ('ʥ', 19), ('ʦ', 20), ('ʧ', 133), ('ʨ', 21), ('ʰ', 162), ('ʲ', 164), ('ˈ', 156), ('ˌ', 157),
    ('ː', 158), ('\u{303}', 17), ('β', 75), ('θ', 119), ('χ', 142), ('ᵊ', 42), ('ᵝ', 22), ('ᵻ', 177),
    ('—', 9), ('“', 14), ('”', 15), ('…', 10), ('→', 171), ('↓', 169), ('↗', 172), ('↘', 173), ('ꭧ', 23),
];

/// The token id of `symbol`, or `None` where the models have none.
pub fn token_id(symbol: char) -> Option<TokenId> {
    SYMBOLS.binary_search_by_key(&symbol, |&(c, _)| c).ok().map(|i| SYMBOLS[i].1)
}

/// Whether `symbol` is heard; the space and punctuation marks only shape what is around them.
pub fn is_spoken(symbol: char) -> bool {
    !" !\"(),.:;?—“”…".contains(symbol)
}

/// All symbols with their ids, sorted by symbol.
pub fn symbols() -> impl ExactSizeIterator<Item = (char, TokenId)> {
    SYMBOLS.iter().copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn symbols_are_sorted_so_that_look_up_may_halve() {
        assert!(SYMBOLS.windows(2).all(|w| w[0].0 < w[1].0));
    }

    #[test]
    fn every_symbol_is_found_and_no_other() {
        for (symbol, id) in symbols() {
            assert_eq!(token_id(symbol), Some(id));
            assert_ne!(id, PAD);
        }
        assert_eq!(token_id('❓'), None);
        assert_eq!(token_id('\n'), None);
    }
}
