//! What a session knows of the norms of the voices that it speaks.

use std::sync::Arc;

use super::known::KnownVoices;
use super::{Figures, Fit, NormsChoice, Shape, Store, VoiceNorms, Way, is_predictable};
use crate::generator::Statistics;
use crate::{Fragment, Prosody, SynthesisError, Voice};

/// Decides fragment by fragment where the norms come from, learns from those that are measured, and keeps what it has
/// learned.
///
/// It runs nothing itself: the session that owns it does, and makes the [checks](Plan::check) when it has nothing else
/// to do.
#[derive(Debug)]
pub struct Learner {
    choice: NormsChoice,
    voices: KnownVoices,
    predicted: Statistics,
    /// What the next fragment is to be compared with, whatever is due.
    examined: Option<Fit>,
    last_check: Option<Figures>,
}

/// How one fragment is spoken.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// Where its norms come from.
    pub way: Way,
    /// As the norms see it; `None` where nothing is learned from it.
    pub shape: Option<Shape>,
    /// Speak it the other way too once there is time, with this prediction, and tell [`Learner::judge`]: a fragment
    /// that was predicted with its own norms, one with its own norms as this predicts.
    pub check: Option<Fit>,
}

impl Learner {
    /// Knows nothing but what `store` holds; without one it forgets everything at the end.
    pub fn new(choice: NormsChoice, store: Option<Store>) -> Self {
        Self {
            choice,
            voices: KnownVoices::new(store),
            predicted: Statistics::new(),
            examined: None,
            last_check: None,
        }
    }

    /// What it was asked for.
    pub fn choice(&self) -> NormsChoice {
        self.choice
    }

    /// What is known of `voice`.
    pub fn voice(&mut self, voice: &Arc<Voice>) -> &VoiceNorms {
        &self.voices.of(voice).norms
    }

    /// Whether ordinary fragments in this voice, spoken like this, get predicted norms.
    pub fn predicts(&mut self, voice: &Voice, prosody: Prosody) -> bool {
        if self.choice == NormsChoice::Exact || !is_predictable(prosody) {
            return false;
        }
        match self.voices.get(voice) {
            Some(known) => known.norms.has_passed(),
            None => self.voices.of(&Arc::new(voice.clone())).norms.has_passed(),
        }
    }

    /// Forgets what is known of `voice`, to learn it anew. What is kept of it stays until something is
    /// [saved](Store::save) in its place.
    pub fn forget(&mut self, voice: &Arc<Voice>) {
        self.voices.of(voice).forget();
    }

    /// Has the next fragment compared with what `fit` predicts for it, whether that is due or not.
    pub fn examine(&mut self, fit: Fit) {
        self.examined = Some(fit);
    }

    /// How `fragment` is spoken, whose symbols and pads have `durations`; where it is predicted, with
    /// [these](Self::predicted) norms.
    ///
    /// # Errors
    /// [`SynthesisError::NormsNotLearned`] where predicted norms are wanted, and the voice has not passed.
    pub fn plan(&mut self, fragment: &Fragment, durations: &[u32]) -> Result<Plan, SynthesisError> {
        let choice = self.choice;
        let shape = Shape::of(fragment, durations);
        let known = self.voices.of(&fragment.voice);
        let seen = shape.unwrap_or(Shape { share: 0.0, tokens: 0, is_ordinary: false });
        let way = known
            .norms
            .way(choice, seen)
            .map_err(|_| SynthesisError::NormsNotLearned { voice: fragment.voice.name().to_owned() })?;
        // What it was learned from would agree with the prediction in any case, and of two checks that fail the second is to
        // be of another fragment.
        let is_news = !known.seen.holds(&fragment.phonemes);
        let tells =
            choice != NormsChoice::Exact && (is_news || way == Way::Predicted && !known.norms.is_doubted());
        let due = if tells { known.norms.to_check(seen, way) } else { None };
        if way == Way::Predicted {
            known.norms.predict(seen, &mut self.predicted);
        }
        Ok(Plan { way, shape, check: self.examined.take().or(due) })
    }

    /// The norms that were predicted last.
    pub fn predicted(&self) -> &Statistics {
        &self.predicted
    }

    /// Learns from `fragment`, of this shape, that was spoken with its own norms; once, however often it is spoken.
    pub fn learn(&mut self, fragment: &Fragment, shape: Shape, measured: &Statistics) {
        let known = self.voices.of(&fragment.voice);
        if !known.seen.holds(&fragment.phonemes) && known.norms.learn(shape, measured) {
            known.seen.add(&fragment.phonemes);
            known.note(|unkept| unkept.learn(shape, measured));
        }
    }

    /// Notes how far `fit` was from a fragment of `voice` with its own norms, and keeps what follows.
    pub fn judge(&mut self, voice: &Arc<Voice>, fit: Fit, figures: Figures) {
        self.last_check = Some(figures);
        self.concluded(voice, figures, |norms| norms.judge(fit, figures));
    }

    /// Settles whether `voice` has passed, by how far `fit` was from some of its fragments with their own norms, and keeps
    /// that.
    pub fn decide(&mut self, voice: &Arc<Voice>, fit: Fit, figures: Figures) {
        self.concluded(voice, figures, |norms| norms.decide(fit, figures));
    }

    /// How the last check went that was [judged](Self::judge).
    pub fn last_check(&self) -> Option<Figures> {
        self.last_check
    }

    fn concluded(&mut self, voice: &Arc<Voice>, figures: Figures, conclude: impl FnOnce(&mut VoiceNorms)) {
        let known = self.voices.of(voice);
        let before = known.norms.gate().clone();
        conclude(&mut known.norms);
        if *known.norms.gate() != before {
            known.note(|unkept| unkept.decide(before));
        }
        let (name, Figures { log_mel, level }) = (voice.name(), figures);
        let used = if known.norms.has_passed() { "used" } else { "not used" };
        tracing::debug!(
            "predicted norms of {name} are {log_mel:.2} dB from its own, level {level:.2} dB: {used}"
        );
        self.keep();
    }

    /// Adds what was found out since the last time to what is kept. Where another process changes the cache, that is for
    /// the next time: a session that waits here speaks to nobody.
    ///
    /// One voice at a time, since it takes a file each; returns whether another is due.
    pub fn keep(&mut self) -> bool {
        self.voices.keep()
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::assets::{Cache, Digest};
    use crate::generator::STATISTICS;
    use crate::norms::ENOUGH;
    use crate::voice::PACK_BYTES;

    const CLOSE: Figures = Figures { log_mel: 1.5, level: 0.2 };

    fn voice(name: &str) -> Arc<Voice> {
        Arc::new(Voice::from_pack(name, &vec![0; PACK_BYTES], Path::new(name)).unwrap())
    }

    fn fragment(voice: &Arc<Voice>, phonemes: &str) -> Fragment {
        let (phonemes, voice) = (phonemes.to_owned(), Arc::clone(voice));
        Fragment { phonemes, voice, prosody: Prosody::default(), seed: 0 }
    }

    /// Speaks a sentence of its own whose pads are so long, and returns how.
    fn speak(learner: &mut Learner, voice: &Arc<Voice>, pad: u32) -> Plan {
        let word = if pad.is_multiple_of(100) { "ab" } else { "ba" };
        let phonemes = format!("{} b d e f", word.repeat(pad as usize / 100));
        say(learner, voice, &phonemes, pad)
    }

    /// Speaks a sentence whose pads make up a share that goes by `pad`.
    fn say(learner: &mut Learner, voice: &Arc<Voice>, phonemes: &str, pad: u32) -> Plan {
        let spoken = fragment(voice, phonemes);
        let symbols = phonemes.chars().count();
        let mut durations = vec![6_000 / symbols as u32; symbols + 2];
        durations[0] = pad;
        let plan = learner.plan(&spoken, &durations).unwrap();
        if plan.way == Way::Exact {
            let measured = Statistics { mean: vec![pad as f32; STATISTICS], ..Statistics::new() };
            learner.learn(&spoken, plan.shape.unwrap(), &measured);
        }
        plan
    }

    fn learned(learner: &mut Learner, voice: &Arc<Voice>) -> Plan {
        for n in 0..ENOUGH as u32 {
            assert!(speak(learner, voice, 600 + 100 * n).check.is_none());
        }
        speak(learner, voice, 1050)
    }

    #[test]
    fn a_voice_is_learned_checked_and_then_predicted() {
        let heart = voice("af_heart");
        let mut learner = Learner::new(NormsChoice::Auto, None);
        let plan = learned(&mut learner, &heart);
        let plain = Prosody::default();
        assert!(plan.way == Way::Exact && !learner.predicts(&heart, plain));
        learner.judge(&heart, plan.check.unwrap(), CLOSE);
        assert!(learner.predicts(&heart, plain) && !learner.predicts(&voice("af_sky"), plain));
        for (other, is_predicted) in [
            (Prosody::at_speed(0.8), true),
            (Prosody::at_speed(0.79), false),
            (Prosody { pitch_cents: -101.0, ..plain }, false),
            (Prosody { energy: 1.1, ..plain }, false),
        ] {
            assert_eq!(learner.predicts(&heart, other), is_predicted, "{other:?}");
            let spoken = Fragment { prosody: other, ..fragment(&heart, "a b c d e") };
            let plan = learner.plan(&spoken, &[900; 11]).unwrap();
            assert_eq!(plan.way == Way::Predicted, is_predicted, "{other:?}");
        }
        assert_eq!(speak(&mut learner, &heart, 1500).way, Way::Predicted);
        let mean = learner.predicted().mean[STATISTICS - 1];
        assert!((mean - 1500.0).abs() < 300.0, "{mean}");
        assert_eq!(speak(&mut learner, &heart, 90_000).way, Way::Exact);
    }

    #[test]
    fn what_was_learned_outlives_the_learner() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::new(Cache::at(folder.path()).unwrap(), Digest::of_bytes(b"model"), "native");
        let heart = voice("af_heart");
        let mut learner = Learner::new(NormsChoice::Auto, Some(store.clone()));
        learned(&mut learner, &heart);
        drop(learner);
        let mut learner = Learner::new(NormsChoice::Auto, Some(store.clone()));
        assert_eq!(learner.voice(&heart).learned().count(), ENOUGH + 1);
        let check = speak(&mut learner, &heart, 1150).check.unwrap();
        learner.judge(&heart, check, CLOSE);
        let mut learner = Learner::new(NormsChoice::Predicted, Some(store));
        assert_eq!(speak(&mut learner, &heart, 1000).way, Way::Predicted);
    }

    #[test]
    fn two_learners_over_one_store_add_to_each_other() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::new(Cache::at(folder.path()).unwrap(), Digest::of_bytes(b"model"), "native");
        let heart = voice("af_heart");
        let open = || Learner::new(NormsChoice::Auto, Some(store.clone()));
        let [mut ours, mut theirs] = [open(), open()];
        assert_eq!([&mut ours, &mut theirs].map(|learner| learner.voice(&heart).learned().count()), [0, 0]);
        for n in 0..3 {
            speak(&mut ours, &heart, 600 + 100 * n);
        }
        let plan = learned(&mut theirs, &heart);
        theirs.judge(&heart, plan.check.unwrap(), CLOSE);
        assert!(!ours.predicts(&heart, Prosody::default()));
        ours.keep();
        assert_eq!(ours.voice(&heart).learned().count(), 3 + ENOUGH + 1);
        assert!(ours.predicts(&heart, Prosody::default()), "the decision of the other holds here too");
        speak(&mut ours, &heart, 90_000);
        drop(ours);
        theirs.keep();
        drop(theirs);
        let kept = store.load(&heart);
        assert!(kept.learned().count() == 3 + ENOUGH + 1 + 1 && kept.has_passed());
    }

    #[test]
    fn a_sentence_that_is_said_again_and_again_is_one_lesson() {
        let heart = voice("af_heart");
        let mut learner = Learner::new(NormsChoice::Auto, None);
        for n in 0..2 * ENOUGH as u32 {
            assert!(say(&mut learner, &heart, "a b c d e", 600 + 100 * n).check.is_none());
        }
        assert_eq!(learner.voice(&heart).learned().count(), 1);
        let sky = voice("af_sky");
        assert!(learned(&mut learner, &sky).check.is_some());
        assert!(speak(&mut learner, &sky, 700).check.is_none(), "it was learned from");
    }

    #[test]
    fn a_sentence_that_fails_a_check_is_not_the_one_that_decides() {
        const FAR: Figures = Figures { log_mel: 3.0, level: 0.2 };
        let heart = voice("af_heart");
        let mut learner = Learner::new(NormsChoice::Auto, None);
        let plan = learned(&mut learner, &heart);
        learner.judge(&heart, plan.check.unwrap(), CLOSE);
        let prompt = |learner: &mut Learner| say(learner, &heart, "b b d e f", 1_500);
        let due = (0..1_000).find_map(|_| prompt(&mut learner).check).unwrap();
        learner.judge(&heart, due, FAR);
        let shape = Shape::of(&fragment(&heart, "b b d e f"), &[1_500; 11]).unwrap();
        learner.learn(&fragment(&heart, "b b d e f"), shape, &Statistics::new());
        assert!((0..10).all(|_| prompt(&mut learner).check.is_none()) && learner.voice(&heart).has_passed());
        let due = say(&mut learner, &heart, "c b d e f", 1_500).check.unwrap();
        learner.judge(&heart, due, FAR);
        assert!(!learner.voice(&heart).has_passed());
    }

    #[test]
    fn predicted_norms_of_a_voice_that_has_not_passed_are_refused_with_what_to_do() {
        let mut learner = Learner::new(NormsChoice::Predicted, None);
        let refused = learner.plan(&fragment(&voice("af_heart"), "a b c d e"), &[600; 11]).unwrap_err();
        let told = refused.to_string();
        assert!(
            told.contains("sostenuto models learn --voice 'af_heart'") && told.contains("--norms auto"),
            "{told}"
        );
    }

    #[test]
    fn with_exact_norms_it_learns_and_checks_nothing() {
        let heart = voice("af_heart");
        let mut learner = Learner::new(NormsChoice::Exact, None);
        assert_eq!(learned(&mut learner, &heart).check, None);
        assert_eq!(learner.voice(&heart).learned().count(), ENOUGH + 1);
    }
}
