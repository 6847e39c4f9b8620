//! A fragment as the token ids that a model takes.

use sostenuto_g2p::vocabulary::{MAX_TOKENS, PAD, is_spoken, token_id};

use crate::{Fragment, SynthesisError};

/// Writes the tokens of `fragment`, a pad at both ends, over `tokens`.
pub(crate) fn encode(fragment: &Fragment, tokens: &mut Vec<i64>) -> Result<(), SynthesisError> {
    fragment.prosody.check()?;
    tokens.clear();
    tokens.push(PAD.into());
    for symbol in fragment.phonemes.chars() {
        tokens.push(token_id(symbol).ok_or(SynthesisError::UnknownSymbol { symbol })?.into());
    }
    tokens.push(PAD.into());
    match tokens.len() - 2 {
        0 => Err(SynthesisError::Empty),
        count if count > MAX_TOKENS => Err(SynthesisError::TooLong { tokens: count, limit: MAX_TOKENS }),
        _ => Ok(()),
    }
}

/// How many tokens at the front and at the back of `phonemes` are not spoken, the pads included: nothing is lost when
/// their time is cut.
pub(crate) fn unspoken_ends(phonemes: &str) -> (usize, usize) {
    let unspoken = |symbol: &char| !is_spoken(*symbol);
    let lead = phonemes.chars().take_while(unspoken).count();
    let tail = phonemes.chars().rev().take_while(unspoken).count();
    (1 + lead, 1 + tail)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::{Prosody, Voice};

    fn fragment(phonemes: &str) -> Fragment {
        let voice = Arc::new(Voice::named("af_heart"));
        Fragment { phonemes: phonemes.into(), voice, prosody: Prosody::default(), seed: 0 }
    }

    #[test]
    fn a_pad_stands_at_both_ends() {
        let mut tokens = vec![99];
        encode(&fragment("həlˈO."), &mut tokens).unwrap();
        assert_eq!(tokens, [0, 50, 83, 54, 156, 31, 4, 0]);
    }

    #[test]
    fn what_a_model_cannot_take_is_refused() {
        let refused = |fragment: &Fragment| encode(fragment, &mut Vec::new()).unwrap_err();
        assert!(matches!(refused(&fragment("")), SynthesisError::Empty));
        assert!(matches!(refused(&fragment("a@b")), SynthesisError::UnknownSymbol { symbol: '@' }));
        let long = fragment(&"a".repeat(511));
        assert!(matches!(refused(&long), SynthesisError::TooLong { tokens: 511, limit: 510 }));
        for speed in [0.49, 2.01, f32::NAN] {
            let fragment = Fragment { prosody: Prosody::at_speed(speed), ..fragment("a") };
            assert!(matches!(refused(&fragment), SynthesisError::Prosody(_)));
        }
    }

    #[test]
    fn pads_and_punctuation_at_the_ends_are_unspoken() {
        assert_eq!(unspoken_ends("həlˈO"), (1, 1));
        assert_eq!(unspoken_ends("“həlˈO ðˈɛɹ.”"), (2, 3));
        assert_eq!(unspoken_ends("..."), (4, 4));
    }
}
