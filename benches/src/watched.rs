//! A session of which every fragment is known.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Instant;

use sostenuto_engine::inference::{
    Fragment, Interrupt, PartSink, Prosody, Synthesis, SynthesisError, Synthesizer, Timing, Voice, Voices,
};

/// What a [`Watched`] session does, when it does it.
#[derive(Clone, Debug)]
pub enum Seen {
    /// It began to speak a fragment.
    Begun {
        /// When.
        at: Instant,
        /// The fragment.
        fragment: Fragment,
    },
    /// It let go of the fragment that it had begun.
    Ended {
        /// When.
        at: Instant,
        /// When it had the first part of it ready; `None` where there was none.
        first_part: Option<Instant>,
        /// Whether all of it was spoken.
        was_spoken: bool,
        /// What was spoken.
        samples: Vec<f32>,
    },
}

/// A session that tells of every fragment: when it was begun and let go of, and its samples. Those are copied, which
/// is all that it adds.
pub struct Watched {
    session: Box<dyn Synthesizer>,
    seen: Sender<Seen>,
}

impl Watched {
    /// Watches `session`; what it does is received.
    pub fn over(session: Box<dyn Synthesizer>) -> (Box<dyn Synthesizer>, Receiver<Seen>) {
        let (seen, receiver) = channel();
        (Box::new(Self { session, seen }), receiver)
    }

    fn tell(&self, seen: Seen) {
        // Whoever watched may have seen enough.
        let _ = self.seen.send(seen);
    }
}

impl Synthesizer for Watched {
    fn name(&self) -> &'static str {
        self.session.name()
    }

    fn interrupt(&self) -> Interrupt {
        self.session.interrupt()
    }

    fn max_parts(&self, tokens: usize) -> usize {
        self.session.max_parts(tokens)
    }

    fn voices(&self) -> Voices {
        self.session.voices()
    }

    fn streams(&self, voice: &Voice, prosody: Prosody) -> bool {
        self.session.streams(voice, prosody)
    }

    fn settle(&mut self) -> bool {
        self.session.settle()
    }

    fn synthesize(
        &mut self,
        fragment: &Fragment,
        parts: &mut dyn PartSink,
    ) -> Result<Synthesis, SynthesisError> {
        self.tell(Seen::Begun { at: Instant::now(), fragment: fragment.clone() });
        let mut copied = Copied { parts, first: None, samples: Vec::new() };
        let result = self.session.synthesize(fragment, &mut copied);
        let at = Instant::now();
        let Copied { first, samples, .. } = copied;
        self.tell(Seen::Ended { at, first_part: first, was_spoken: result.is_ok(), samples });
        result
    }
}

struct Copied<'a> {
    parts: &'a mut dyn PartSink,
    first: Option<Instant>,
    samples: Vec<f32>,
}

impl PartSink for Copied<'_> {
    fn begin(&mut self, timing: Timing<'_>) {
        self.parts.begin(timing);
    }

    fn first_tile(&self) -> usize {
        self.parts.first_tile()
    }

    fn put(&mut self, samples: &[f32]) {
        self.first.get_or_insert_with(Instant::now);
        self.parts.put(samples);
        self.samples.extend_from_slice(samples);
    }
}
