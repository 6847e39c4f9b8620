//! Speech as samples in memory, at the time of the call: no stages, no stream, no sink.

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sostenuto_g2p::{Clause, FrontEnd, Language, Phonemizer, given_phonemes};
use sostenuto_inference::{Fragment, PartSink, SAMPLE_RATE, Synthesizer, Timing};

use sostenuto_playback::limit;

use crate::canvas::Canvas;
use crate::fragment_marks::{Stretch, fragment_marks};
use crate::marks::{Mark, MarkTable};
use crate::placed_marks::PlacedMarks;
use crate::planner::{Budget, Planned, Planner, pause_seconds};
use crate::stage::languages::LoadPhonemizer;
use crate::{EngineError, Input, Utterance};

/// Nobody waits for the beginning, so it is planned like the rest.
const BUDGET: Budget = Budget { opening: 200, growth: 1, most: 200 };

/// Speaks whole utterances into memory.
///
/// The same utterance and seed give the same samples, whatever else is being spoken. It may be called from any number
/// of threads: they take turns at the session, fragment by fragment, so that calls made at once take as long as calls
/// made one after the other. It does not limit the level of what the session hands out.
pub struct Offline {
    session: Mutex<Box<dyn Synthesizer>>,
    load: LoadPhonemizer,
    phonemizers: Mutex<HashMap<Language, Arc<dyn Phonemizer>>>,
}

/// What became of an utterance that was spoken into memory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Synthesis {
    /// Samples written, at [`SAMPLE_RATE`], mono.
    pub samples: usize,
    /// Words, sentences and the points that the text names, in the order of their first samples at [`SAMPLE_RATE`];
    /// empty unless [`Utterance::marks`] asks for them. Words and points are there as far as the session tells the
    /// durations of its tokens, as both of the models do.
    pub marks: Vec<Mark>,
    /// Whether there was no room for all of it: then it ends at the end of a word, or, where the session does not tell
    /// its durations, of a fragment.
    pub truncated: bool,
}

impl Offline {
    /// Speaks with `session`, and reads text with what `load` loads once for each language.
    pub fn new(session: Box<dyn Synthesizer>, load: LoadPhonemizer) -> Self {
        Self { session: Mutex::new(session), load, phonemizers: Mutex::default() }
    }

    /// Speaks `utterance` into the first samples of `buffer`; the rest of it is left in no particular state. The audio
    /// goes where it belongs part by part, and nowhere else before.
    ///
    /// Between two fragments there is the pause that a stream would play, and none after the last.
    ///
    /// # Errors
    /// - [`EngineError::Prosody`], [`EngineError::Phonemes`], [`EngineError::NotWhole`]: correct the utterance.
    /// - [`EngineError::Language`]: its language cannot be read.
    /// - [`EngineError::Synthesis`]: the session cannot speak a fragment of it.
    pub fn synthesize_into(
        &self,
        utterance: &Utterance,
        buffer: &mut [f32],
    ) -> Result<Synthesis, EngineError> {
        self.speak(utterance, &mut Canvas::Slice { buffer, len: 0 })
    }

    /// As [`synthesize_into`](Self::synthesize_into), into memory that grows with the audio up to `max_duration`.
    ///
    /// # Errors
    /// The same.
    pub fn synthesize(
        &self,
        utterance: &Utterance,
        max_duration: Option<Duration>,
    ) -> Result<(Vec<f32>, Synthesis), EngineError> {
        let samples = |limit: Duration| (limit.as_secs_f64() * f64::from(SAMPLE_RATE)) as usize;
        let most = max_duration.map_or(usize::MAX, samples);
        let mut samples = Vec::new();
        let synthesis = self.speak(utterance, &mut Canvas::Growing { samples: &mut samples, most })?;
        Ok((samples, synthesis))
    }

    fn speak(&self, utterance: &Utterance, canvas: &mut Canvas<'_>) -> Result<Synthesis, EngineError> {
        utterance.prosody.check()?;
        let mut clauses = self.clauses(utterance)?;
        let mut planner = Planner::new(BUDGET);
        let mut spoken = Spoken { canvas, end: 0, marks: MarkTable::new(utterance.marks) };
        let mut more = true;
        for number in 0.. {
            while more && !planner.is_full() {
                match clauses.next() {
                    Some(clause) => planner.push(clause),
                    None => more = false,
                }
            }
            let Some(planned) = planner.next(!more) else { break };
            let fits = spoken.append(&planned, |parts| {
                let fragment = Fragment {
                    phonemes: planned.phonemes.clone(),
                    voice: Arc::clone(&utterance.voice),
                    prosody: utterance.prosody,
                    seed: utterance.seed.wrapping_add(number),
                };
                self.session.lock().unwrap_or_else(PoisonError::into_inner).synthesize(&fragment, parts)?;
                Ok(())
            })?;
            if !fits {
                return Ok(spoken.finish(true));
            }
            let pause = pause_seconds(planned.boundary) / utterance.prosody.speed * SAMPLE_RATE as f32;
            spoken.canvas.rest(pause as usize);
        }
        Ok(spoken.finish(false))
    }

    fn clauses(&self, utterance: &Utterance) -> Result<Box<dyn Iterator<Item = Clause>>, EngineError> {
        match &utterance.input {
            Input::Text(text) => {
                let mut front_end = FrontEnd::new(self.phonemizer(utterance.language)?);
                front_end.push(text);
                front_end.finish();
                Ok(Box::new(std::iter::from_fn(move || front_end.next_clause())))
            }
            Input::Phonemes(phonemes) => Ok(Box::new(given_phonemes(phonemes)?.into_iter())),
            Input::Stream(_) => Err(EngineError::NotWhole),
        }
    }

    fn phonemizer(&self, language: Language) -> Result<Arc<dyn Phonemizer>, EngineError> {
        let mut phonemizers = self.phonemizers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(phonemizer) = phonemizers.get(&language) {
            return Ok(Arc::clone(phonemizer));
        }
        let phonemizer = (self.load)(language)
            .map_err(|error| EngineError::Language { language, reason: error.to_string() })?;
        phonemizers.insert(language, Arc::clone(&phonemizer));
        Ok(phonemizer)
    }
}

/// What has been spoken so far.
struct Spoken<'c, 'b> {
    canvas: &'c mut Canvas<'b>,
    /// Samples up to the end of the last fragment; what follows is a pause.
    end: usize,
    marks: MarkTable,
}

impl Spoken<'_, '_> {
    /// Appends the fragment that `speak` hands out. Returns whether all of it fits; if not, it was cut at a word.
    fn append(
        &mut self,
        planned: &Planned,
        speak: impl FnOnce(&mut dyn PartSink) -> Result<(), EngineError>,
    ) -> Result<bool, EngineError> {
        let start = self.canvas.len();
        let room = self.canvas.room();
        let mut hand = Hand { canvas: self.canvas, planned, words: Vec::new(), handed_out: 0 };
        speak(&mut hand)?;
        let Hand { mut words, handed_out, .. } = hand;
        let fits = handed_out <= room;
        if fits {
            for word in &mut words {
                *word = word.within(handed_out);
            }
            self.end = start + handed_out;
        } else {
            words.retain(|word| word.end() <= room);
            match words.last() {
                Some(last) => {
                    self.end = start + last.end();
                    self.canvas.cut(self.end);
                    self.canvas.fade_out(start);
                }
                None => return Ok(false),
            }
        }
        self.note(planned, start, &words);
        Ok(fits)
    }

    /// Notes the marks of a fragment that begins at sample `start`: its sentence, its `words` as far as they were
    /// spoken, and the points before them.
    fn note(&mut self, planned: &Planned, start: usize, words: &[Stretch]) {
        let mut placed = PlacedMarks::plan(planned, &mut self.marks);
        placed.arrange(words);
        // Where no word is told, the sentence is all that there is.
        if let Some(sentence) = placed.sentence().filter(|_| words.is_empty()) {
            self.marks.hear(sentence, start as u64..self.end as u64);
        }
        while let Some(mark) = placed.next_before(usize::MAX) {
            let from = start as u64 + u64::from(mark.offset);
            self.marks.hear(mark.index, from..from + u64::from(mark.length));
        }
    }

    fn finish(self, truncated: bool) -> Synthesis {
        // A pause after the last fragment is nobody's.
        self.canvas.cut(self.end);
        limit(self.canvas.samples_mut(), SAMPLE_RATE);
        Synthesis { samples: self.end, marks: self.marks.heard(), truncated }
    }
}

/// Takes the parts of one fragment.
struct Hand<'h, 'b> {
    canvas: &'h mut Canvas<'b>,
    planned: &'h Planned,
    words: Vec<Stretch>,
    handed_out: usize,
}

impl PartSink for Hand<'_, '_> {
    fn begin(&mut self, timing: Timing<'_>) {
        let words = self.planned.words.iter().map(|word| word.phonemes.clone());
        self.words.extend(fragment_marks(words, &self.planned.phonemes, timing));
    }

    fn put(&mut self, samples: &[f32]) {
        self.canvas.put(samples);
        self.handed_out += samples.len();
    }
}
