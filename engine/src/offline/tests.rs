use super::*;
use crate::EventOptions;
use crate::fragment_marks::EARLY;
use crate::marks::MarkKind;
use sostenuto_g2p::{ClauseMark, Pronunciation, Reason, Word};
use sostenuto_inference::{Interrupt, Prosody, SynthesisError, Voice, Voices};

/// Samples of a symbol.
const SYMBOL: usize = 100;
/// Samples of the opening pad that are handed out.
const LEAD: usize = 40;

/// Speaks each symbol as [`SYMBOL`] samples of a value that the symbol and the seed decide, in parts of 70 samples.
struct Metronome {
    tells: bool,
}

impl Synthesizer for Metronome {
    fn name(&self) -> &'static str {
        "metronome"
    }

    fn interrupt(&self) -> Interrupt {
        Interrupt::new()
    }

    fn max_parts(&self, tokens: usize) -> usize {
        tokens * SYMBOL
    }

    fn voices(&self) -> Voices {
        Voices::Every
    }

    fn synthesize(
        &mut self,
        fragment: &Fragment,
        parts: &mut dyn PartSink,
    ) -> Result<sostenuto_inference::Synthesis, SynthesisError> {
        let mut samples = vec![0.0; LEAD];
        let mut durations = vec![(EARLY + 500) as u32];
        for symbol in fragment.phonemes.chars() {
            let value = (f32::from(symbol as u8) + (fragment.seed % 8) as f32) / 256.0;
            samples.extend([value; SYMBOL]);
            durations.push(SYMBOL as u32);
        }
        durations.push(900);
        if self.tells {
            parts.begin(Timing { durations: &durations, trimmed_lead: 500 - LEAD });
        }
        samples.chunks(70).for_each(|part| parts.put(part));
        Ok(sostenuto_inference::Synthesis { samples: samples.len(), ..Default::default() })
    }
}

/// Pronounces words as they are written.
struct Spelling;

impl Phonemizer for Spelling {
    fn phonemize(&self, sentence: &str) -> Pronunciation {
        let mut words = Vec::new();
        let mut at = 0;
        for word in sentence.split(' ') {
            let range = at..at + word.len();
            at = range.end + 1;
            words.push(Word { source: range.clone(), phonemes: range, reason: Reason::Lexicon });
        }
        Pronunciation { phonemes: sentence.to_owned(), words, ..Pronunciation::default() }
    }
}

fn offline(tells: bool) -> Offline {
    Offline::new(Box::new(Metronome { tells }), Arc::new(|_| Ok(Arc::new(Spelling) as Arc<dyn Phonemizer>)))
}

fn utterance(text: &str, seed: u64) -> Utterance {
    Utterance {
        input: Input::Text(text.into()),
        language: Language::EnUs,
        voice: Arc::new(Voice::named("af_heart")),
        prosody: Prosody::default(),
        seed,
        marks: true,
        events: EventOptions::default(),
    }
}

fn spoken(text: &str, most: usize) -> (Vec<f32>, Synthesis) {
    let mut buffer = vec![7.0; most];
    let synthesis = offline(true).synthesize_into(&utterance(text, 0), &mut buffer).unwrap();
    buffer.truncate(synthesis.samples);
    (buffer, synthesis)
}

/// The pause after a sentence.
const PAUSE: usize = 9_600;

#[test]
fn fragments_stand_one_after_the_other_with_the_pauses_of_a_stream() {
    let (samples, synthesis) = spoken("one two. so.", 20_000);
    let (first, second) = (LEAD + 8 * SYMBOL, LEAD + 3 * SYMBOL);
    assert_eq!((synthesis.samples, synthesis.truncated), (first + PAUSE + second, false));
    assert!(samples[..LEAD].iter().chain(&samples[first..first + PAUSE + LEAD]).all(|&s| s == 0.0));
    assert!(samples[LEAD..first].iter().chain(&samples[first + PAUSE + LEAD..]).all(|&s| s > 0.0));
}

#[test]
fn marks_tell_where_words_and_sentences_are() {
    let (_, synthesis) = spoken("one two. so.", 20_000);
    let told: Vec<_> = synthesis.marks.iter().map(|m| (&m.kind, m.text.clone(), m.samples.clone())).collect();
    let next = (LEAD + 8 * SYMBOL + PAUSE + LEAD) as u64;
    assert_eq!(
        told,
        [
            (&MarkKind::Sentence, 0..8, 40..740),
            (&MarkKind::Word, 0..3, 40..340),
            (&MarkKind::Word, 4..8, 440..740),
            (&MarkKind::Sentence, 9..12, next..next + 200),
            (&MarkKind::Word, 9..12, next..next + 200),
        ]
    );
}

#[test]
fn marks_are_given_to_those_who_want_them() {
    let quiet = Utterance { marks: false, ..utterance("one two.", 0) };
    assert_eq!(offline(true).synthesize(&quiet, None).unwrap().1.marks, []);
}

#[test]
fn points_stand_before_their_words_and_after_the_last() {
    let mut clauses = sostenuto_g2p::cut_into_clauses("one two", &Spelling.phonemize("one two"), 0, {
        sostenuto_g2p::Boundary::Sentence
    });
    let mark = |name: &str, word| ClauseMark { name: name.into(), word };
    clauses[0].marks = vec![mark("a", 0), mark("b", 1), mark("c", 2)];
    let mut planner = Planner::new(BUDGET);
    planner.push(clauses.remove(0));
    let planned = planner.next(true).unwrap();
    let words = [Stretch { offset: 10, length: 5 }, Stretch { offset: 20, length: 5 }];
    let mut canvas = Canvas::Slice { buffer: &mut [], len: 0 };
    let mut whole = Spoken { canvas: &mut canvas, end: 0, marks: MarkTable::new(true) };
    whole.note(&planned, 1_000, &words);
    let points = |spoken: &Spoken<'_, '_>| -> Vec<(String, usize, u64)> {
        let heard = spoken.marks.heard().into_iter();
        let names = heard.filter_map(|mark| match mark.kind {
            MarkKind::User { name } => Some((name, mark.text.start, mark.samples.start)),
            _ => None,
        });
        names.collect()
    };
    assert_eq!(points(&whole), [("a".into(), 0, 1_010), ("b".into(), 4, 1_020), ("c".into(), 7, 1_025)]);
    let mut cut = Spoken { canvas: &mut canvas, end: 0, marks: MarkTable::new(true) };
    cut.note(&planned, 1_000, &words[..1]);
    assert_eq!(points(&cut), [("a".into(), 0, 1_010)]);
}

#[test]
fn what_does_not_fit_ends_at_the_end_of_a_word() {
    let text = "one two three. so it is.";
    let (whole, _) = spoken(text, 50_000);
    for most in 0..=whole.len() {
        let (samples, synthesis) = spoken(text, most);
        assert_eq!(synthesis.truncated, most < whole.len(), "{most}");
        assert!(samples.len() <= most);
        let ends: Vec<_> = synthesis
            .marks
            .iter()
            .filter(|mark| mark.kind == MarkKind::Word)
            .map(|mark| mark.samples.end as usize)
            .collect();
        if synthesis.truncated && !samples.is_empty() {
            let last = *ends.last().unwrap();
            // At the end of a fragment the mark that closes it may have fitted too.
            assert!(
                samples.len() == last || samples.len() == last + SYMBOL,
                "{most}: {last}, {}",
                samples.len()
            );
        }
        let faded = samples.len().saturating_sub(120);
        assert_eq!(samples[..faded], whole[..faded]);
    }
}

#[test]
fn a_cut_ends_in_silence() {
    let (samples, synthesis) = spoken("one two three.", 600);
    assert_eq!((samples.len(), synthesis.truncated), (LEAD + 3 * SYMBOL, true));
    assert_eq!(samples.last(), Some(&0.0));
    assert!(samples[samples.len() - 121] > samples[samples.len() - 100]);
}

#[test]
fn a_session_that_tells_no_durations_is_cut_between_fragments() {
    let mut buffer = vec![0.0; 11_000];
    let synthesis = offline(false).synthesize_into(&utterance("one two. so it is.", 0), &mut buffer).unwrap();
    assert_eq!((synthesis.samples, synthesis.truncated), (LEAD + 8 * SYMBOL, true));
    assert!(synthesis.marks.iter().all(|mark| mark.kind == MarkKind::Sentence));
}

#[test]
fn a_duration_is_a_limit_too() {
    let limit = Duration::from_millis(25);
    let (samples, synthesis) = offline(true).synthesize(&utterance("one two.", 0), Some(limit)).unwrap();
    assert_eq!((samples.len(), synthesis.truncated), (LEAD + 3 * SYMBOL, true));
}

#[test]
fn sixteen_threads_at_once_get_what_each_would_get_alone() {
    let text = |n: u64| "a bc, def ghij. klmno! ".repeat(1 + n as usize % 5);
    let alone: Vec<_> =
        (0..16).map(|n| offline(true).synthesize(&utterance(&text(n), n), None).unwrap()).collect();
    let shared = offline(true);
    let together: Vec<_> = std::thread::scope(|scope| {
        let speak = |n: u64| {
            let shared = &shared;
            scope.spawn(move || shared.synthesize(&utterance(&text(n), n), None).unwrap())
        };
        let threads: Vec<_> = (0..16).map(speak).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(together, alone);
    assert_ne!(alone[0], alone[5], "another seed, other samples");
}

#[test]
fn what_cannot_be_spoken_is_an_error() {
    let refused = |utterance: &Utterance| offline(true).synthesize(utterance, None).unwrap_err();
    let fast = Utterance { prosody: Prosody::at_speed(3.0), ..utterance("a", 0) };
    assert!(matches!(refused(&fast), EngineError::Prosody(_)));
    let phonemes = Utterance { input: Input::Phonemes("❓".into()), ..utterance("", 0) };
    assert!(matches!(refused(&phonemes), EngineError::Phonemes(_)));
    let unread = Offline::new(Box::new(Metronome { tells: true }), Arc::new(|_| Err("no lexicon".into())));
    let error = unread.synthesize(&utterance("a", 0), None).unwrap_err();
    assert_eq!(error.to_string(), "en-US cannot be read: no lexicon");
}

#[test]
fn nothing_to_say_is_no_sample() {
    assert_eq!(spoken(" \n", 100), (Vec::new(), Synthesis::default()));
}
