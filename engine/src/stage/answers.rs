//! In which voices a session streams, as far as it has told. Pure.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use sostenuto_inference::norms::is_predictable;
use sostenuto_inference::{Prosody, Voice};

/// Questions that may wait for an answer at once.
pub(super) const MOST_ASKED: usize = 2;
/// Of so many voices it is known at once whether the session streams in them.
const MOST_VOICES: usize = 64;
/// How long an answer is waited for. A session that is free answers at once, one that is at what can wait within some
/// milliseconds, one that writes down what it has learned once the disk has it. A third of what an opening may take.
const LONGEST_WAIT: Duration = Duration::from_millis(100);

/// What a session was asked, and what it has told.
///
/// A session answers the same for all prosodies of a voice that [can be predicted](is_predictable), and the same for all
/// others, so a voice has two answers.
#[derive(Debug, Default)]
pub(super) struct Answers {
    /// By the names of the voices: where the prosody cannot be predicted, and where it can.
    told: HashMap<String, [Option<bool>; 2]>,
    asked: Vec<Asked>,
    /// When an answer of the session, which was free to give it, was first waited for.
    awaited: Option<Duration>,
}

#[derive(Debug)]
struct Asked {
    voice: Arc<Voice>,
    is_predictable: bool,
}

impl Asked {
    fn is(&self, voice: &Voice, prosody: Prosody) -> bool {
        self.voice.name() == voice.name() && self.is_predictable == is_predictable(prosody)
    }
}

impl Answers {
    /// Whether the session streams in `voice`, spoken like this; `None` where it has not told.
    pub(super) fn of(&self, voice: &Voice, prosody: Prosody) -> Option<bool> {
        self.told.get(voice.name()).and_then(|told| told[usize::from(is_predictable(prosody))])
    }

    /// Notes that the session has to be asked about `voice`, spoken like this. Returns whether to ask it now: it has not
    /// been asked, and not too much else.
    pub(super) fn ask(&mut self, voice: &Arc<Voice>, prosody: Prosody) -> bool {
        if self.asked.len() >= MOST_ASKED || self.asked.iter().any(|asked| asked.is(voice, prosody)) {
            return false;
        }
        self.asked.push(Asked { voice: Arc::clone(voice), is_predictable: is_predictable(prosody) });
        true
    }

    /// How long, from `now` on, an answer of the session, which is free to give it, is waited for. One that has not come
    /// in time is waited for no more, and no other before that has come.
    pub(super) fn wait(&mut self, now: Duration) -> Duration {
        let since = *self.awaited.get_or_insert(now);
        (since + LONGEST_WAIT).saturating_sub(now)
    }

    /// The session has answered whether it streams in `voice`, spoken like this.
    pub(super) fn hear(&mut self, voice: &Voice, prosody: Prosody, streams: bool) {
        self.asked.retain(|asked| !asked.is(voice, prosody));
        self.awaited = None;
        self.note(voice, prosody, streams);
    }

    /// The session has told with a fragment whether it streams in `voice`, spoken like this; a question is still to be
    /// answered.
    pub(super) fn note(&mut self, voice: &Voice, prosody: Prosody, streams: bool) {
        if self.told.len() >= MOST_VOICES && !self.told.contains_key(voice.name()) {
            self.told.clear();
        }
        let told = self.told.entry(voice.name().to_owned()).or_default();
        told[usize::from(is_predictable(prosody))] = Some(streams);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Prosody = Prosody { speed: 1.0, pitch_cents: 0.0, energy: 1.0 };

    fn voice(name: &str) -> Arc<Voice> {
        Arc::new(Voice::named(name))
    }

    #[test]
    fn an_answer_holds_for_every_prosody_of_its_kind_and_for_no_other() {
        let (heart, mut answers) = (voice("af_heart"), Answers::default());
        assert!(answers.ask(&heart, PLAIN) && !answers.ask(&heart, Prosody::at_speed(1.1)));
        answers.hear(&heart, PLAIN, true);
        assert_eq!(answers.of(&heart, Prosody::at_speed(0.9)), Some(true));
        assert_eq!(answers.of(&heart, Prosody::at_speed(1.5)), None);
        assert_eq!(answers.of(&voice("af_sky"), PLAIN), None);
        answers.note(&heart, Prosody::at_speed(1.5), false);
        let louder = Prosody { energy: 1.3, ..PLAIN };
        assert_eq!((answers.of(&heart, louder), answers.of(&heart, PLAIN)), (Some(false), Some(true)));
    }

    #[test]
    fn no_more_is_asked_at_once_than_there_is_room_for() {
        let (heart, mut answers) = (voice("af_heart"), Answers::default());
        assert!(answers.ask(&heart, PLAIN) && answers.ask(&heart, Prosody::at_speed(2.0)));
        assert!(!answers.ask(&voice("af_sky"), PLAIN));
        answers.note(&heart, PLAIN, false);
        assert!(!answers.ask(&voice("af_sky"), PLAIN), "the question is in the ring yet");
        answers.hear(&heart, PLAIN, false);
        assert!(answers.ask(&voice("af_sky"), PLAIN));
    }

    #[test]
    fn an_answer_is_waited_for_so_long_and_no_longer() {
        let ms = Duration::from_millis;
        let (heart, mut answers) = (voice("af_heart"), Answers::default());
        assert!(answers.ask(&heart, PLAIN));
        assert_eq!(answers.wait(ms(5_000)), LONGEST_WAIT);
        assert_eq!(answers.wait(ms(5_060)), ms(40));
        assert_eq!([answers.wait(ms(5_100)), answers.wait(ms(9_000))], [Duration::ZERO; 2]);
        answers.hear(&heart, PLAIN, true);
        assert!(answers.ask(&heart, Prosody::at_speed(2.0)));
        assert_eq!(answers.wait(ms(9_500)), LONGEST_WAIT, "it answers again");
    }

    #[test]
    fn it_remembers_no_more_voices_than_it_may() {
        let mut answers = Answers::default();
        for n in 0..=MOST_VOICES {
            answers.note(&voice(&n.to_string()), PLAIN, true);
            assert!(answers.told.len() <= MOST_VOICES);
        }
        assert_eq!(answers.of(&voice(&MOST_VOICES.to_string()), PLAIN), Some(true));
    }
}
