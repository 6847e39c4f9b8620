//! From words to sounds, right to left, because the sound of a word depends on what follows it.

use std::borrow::Cow;

use super::compound::{Compound, together};
use super::lexicon::{self, Lexicon};
use super::stress;
use super::token::{Context, Sound, Token, joined};
use super::words::{Word, is_pause};
use super::{UNPRONOUNCED, number, resolve};
use crate::reason::Reason;
use crate::unknown_word::UnknownWord;
use crate::user_lexicon::UserWords;

/// The sounds that count as consonants for the word before them.
const CONSONANTS: &str = "bdfhjklmnpstvwzðŋɡɹɾʃʒʤʧθ";

/// The most parts that are looked up together.
const LONGEST: usize = 24;

/// Reads the words of one sentence.
pub(super) struct Reader<'a> {
    pub(super) lexicon: &'a Lexicon,
    pub(super) user: Option<&'a UserWords>,
    /// Without it, words that are not known stay without a sound.
    pub(super) unknown: Option<&'a dyn UnknownWord>,
    /// Whether numbers with a hyphen between them are kept apart.
    pub(super) complete: bool,
}

impl Reader<'_> {
    /// Gives every word of `words`, which stand in `whole`, its sound where it has one.
    pub(super) fn read<'t>(&self, words: &mut [Word<'t>], whole: &'t str) {
        let mut context = Context::default();
        for word in words.iter_mut().rev() {
            if let [part] = word.parts.as_mut_slice() {
                if part.sound.is_none() {
                    part.sound = self.known(part, context).or_else(|| self.guess(&part.text));
                }
                context = after(context, part.phonemes(), part);
            } else {
                self.run(&mut word.parts, &mut context, whole);
            }
        }
    }

    /// Covers the parts of one word with the longest stretches that are known, from the end; a part that is not
    /// known makes the whole word unknown.
    fn run<'t>(&self, parts: &mut [Token<'t>], context: &mut Context, whole: &'t str) {
        let mut right = parts.len();
        let mut left = right.saturating_sub(LONGEST);
        while left < right {
            let stretch = &mut parts[left..right];
            let token = if stretch.iter().all(Token::is_open) { joined(stretch, whole) } else { None };
            let sound = token.as_ref().and_then(|token| self.known(token, *context));
            if let (Some(token), Some(sound)) = (token, sound) {
                *context = after(*context, &sound.phonemes, &token);
                for part in stretch.iter_mut() {
                    part.sound = Some(Sound::mark(""));
                }
                stretch[0].sound = Some(sound);
                right = left;
                left = right.saturating_sub(LONGEST);
            } else if left + 1 < right {
                left += 1;
            } else {
                right -= 1;
                left = right.saturating_sub(LONGEST);
                let part = &mut parts[right];
                if part.sound.is_some() {
                    continue;
                }
                if part.text.chars().all(resolve::is_silent) {
                    part.sound = Some(Sound::mark(""));
                } else if let Some(guess) = joined(parts, whole).and_then(|token| self.guess(&token.text)) {
                    for part in parts.iter_mut() {
                        part.sound = Some(Sound::mark(""));
                    }
                    parts[0].sound = Some(guess);
                    return;
                }
            }
        }
        resolve::settle(parts);
        if self.complete {
            resolve::part_numbers(parts);
        }
    }

    /// What the lexicons say of a token, or the rules for numbers.
    fn known(&self, token: &Token<'_>, context: Context) -> Option<Sound> {
        let word = plain(token.alias.unwrap_or(&token.text));
        let sound = self
            .user
            .and_then(|user| user.find(&word, self.lexicon.british))
            .map(|phonemes| Sound::new(phonemes, Reason::UserLexicon))
            .or_else(|| self.lexicon.word(&word, token.tag, lexicon::level(&word), context));
        match (sound, token.currency) {
            (Some(mut sound), Some(sign)) => {
                if let Some(units) = number::units(self.lexicon, sign) {
                    sound.phonemes.push(' ');
                    sound.phonemes.push_str(&units);
                }
                Some(sound)
            }
            (Some(sound), None) => Some(sound),
            (None, currency) => number::is_number(&word, token.head)
                .then(|| number::read(self.lexicon, &word, currency, token.head))
                .flatten(),
        }
    }

    /// A sound for what is not known; `None` where nothing stands by for that.
    fn guess(&self, text: &str) -> Option<Sound> {
        let unknown = self.unknown?;
        if unknown.reads_anything()
            && let Some(phonemes) = unknown.pronounce(text)
        {
            return Some(Sound::new(phonemes, unknown.reason()));
        }
        let compound = Compound { lexicon: self.lexicon, unknown, complete: self.complete };
        Some(if self.complete { compound.pronounce(text) } else { compound.between_marks(text) })
    }
}

/// The phonemes of a word, and where they came from.
pub(super) fn sound(word: &Word<'_>) -> Sound {
    let sounding = |part: &&Token<'_>| part.phonemes().contains(char::is_alphabetic);
    let reasons = word.parts.iter().filter(sounding).filter_map(|part| Some(part.sound.as_ref()?.reason));
    let reason = reasons.reduce(together).unwrap_or_default();
    // A tap and a glottal stop of the lexicon are a T and a t to the models.
    let phonemes = resolve::join(&word.parts, UNPRONOUNCED).replace('ɾ', "T").replace('ʔ', "t");
    Sound::new(phonemes, reason)
}

/// What the word before `token` knows, if `token` sounds as `phonemes`.
fn after(before: Context, phonemes: &str, token: &Token<'_>) -> Context {
    let first = phonemes.chars().find_map(|c| match c {
        _ if stress::is_vowel(c) => Some(Some(true)),
        _ if CONSONANTS.contains(c) => Some(Some(false)),
        _ if is_pause(c) => Some(None),
        _ => None,
    });
    let to = matches!(&*token.text, "to" | "To") || token.text == "TO" && matches!(token.tag, "TO" | "IN");
    Context { vowel: first.unwrap_or(before.vowel), to }
}

/// The word as the lexicon would write it: straight apostrophes, plain digits.
fn plain(word: &str) -> Cow<'_, str> {
    if word.is_ascii() {
        return Cow::Borrowed(word);
    }
    let plain = |c| match c {
        '‘' | '’' => '\'',
        '¹' => '1',
        '²' => '2',
        '³' => '3',
        c => c,
    };
    Cow::Owned(word.chars().map(plain).collect())
}
