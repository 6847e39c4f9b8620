//! Stage 1: pulls text, pushes clauses, one stream after the other.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use crossbeam_channel::{Receiver, TryRecvError};
use rtrb::Producer;
use sostenuto_g2p::{Clause, FrontEnd, Language};

use super::languages::{Asked, Languages};
use super::rest;
use crate::meters::{add, add_time};
use crate::shared::StreamShared;
use crate::speech::SpokenUtterance;
use crate::utterance::{NextPiece, TextReader};
use crate::waker::Waker;

/// Bytes of a whole text that the front end is given at once.
const PIECE_BYTES: usize = 4_096;

/// What stage 1 hands to stage 2.
#[derive(Debug)]
pub(crate) struct ClauseMessage {
    pub(crate) spoken: Arc<SpokenUtterance>,
    /// `None` ends the utterance.
    pub(crate) clause: Option<Clause>,
    /// At the end of the utterance: the marks that its text names after the last clause.
    pub(crate) marks_left: Vec<String>,
}

/// Where an utterance's clauses come from.
pub(crate) enum Source {
    Text { language: Language, text: String, pushed: usize },
    Stream { language: Language, reader: TextReader },
    Clauses(std::vec::IntoIter<Clause>),
}

pub(crate) enum G2pCommand {
    Open {
        shared: Arc<StreamShared>,
        clauses: Producer<ClauseMessage>,
    },
    Speak {
        shared: Arc<StreamShared>,
        spoken: Arc<SpokenUtterance>,
        source: Source,
    },
    /// Loads a language ahead of its first utterance.
    Prepare(Language),
}

pub(crate) struct G2pStage {
    pub(crate) commands: Receiver<G2pCommand>,
    pub(crate) languages: Languages,
    pub(crate) dispatch: Waker,
}

struct G2pStream {
    shared: Arc<StreamShared>,
    clauses: Producer<ClauseMessage>,
    jobs: VecDeque<(Arc<SpokenUtterance>, Source)>,
    front_end: Option<(Language, FrontEnd)>,
    held: Option<ClauseMessage>,
}

/// What is next for a stream.
enum Next {
    Message(ClauseMessage),
    /// Nothing, and the text came to a halt just now.
    Halted,
    Nothing,
}

impl G2pStage {
    /// Runs until the engine is gone.
    pub(crate) fn run(mut self) {
        let mut streams: Vec<G2pStream> = Vec::new();
        loop {
            let mut idle = true;
            match self.commands.try_recv() {
                Ok(command) => {
                    idle = false;
                    self.obey(command, &mut streams);
                }
                Err(TryRecvError::Empty) => {}
                Err(TryRecvError::Disconnected) => return,
            }
            streams.retain(|stream| !stream.clauses.is_abandoned());
            for stream in &mut streams {
                let started = Instant::now();
                let advanced = stream.advance(&mut self.languages);
                add_time(&stream.shared.meters.g2p_ns, started.elapsed());
                if advanced {
                    self.dispatch.wake();
                    idle = false;
                }
            }
            if idle {
                rest();
            }
        }
    }

    fn obey(&mut self, command: G2pCommand, streams: &mut Vec<G2pStream>) {
        match command {
            G2pCommand::Open { shared, clauses } => {
                streams.push(G2pStream {
                    shared,
                    clauses,
                    jobs: VecDeque::new(),
                    front_end: None,
                    held: None,
                });
            }
            G2pCommand::Speak { shared, spoken, source } => {
                if let Some(stream) = streams.iter_mut().find(|stream| stream.shared.id == shared.id) {
                    stream.shared.text_exhausted.store(false, Ordering::Release);
                    stream.jobs.push_back((spoken, source));
                }
            }
            G2pCommand::Prepare(language) => {
                // A language that cannot be loaded is told to whoever speaks it.
                let _ = self.languages.ask(language);
            }
        }
    }
}

impl G2pStream {
    /// Hands on one clause, if there is one and room for it. Returns whether stage 2 should look.
    fn advance(&mut self, languages: &mut Languages) -> bool {
        let epoch = self.shared.transport.epoch();
        let stopped = self.jobs.front().is_some_and(|(spoken, _)| spoken.epoch != epoch);
        if stopped {
            self.jobs.pop_front();
            self.end_job();
            self.note_exhaustion();
            return true;
        }
        if self.held.as_ref().is_some_and(|message| message.spoken.epoch != epoch) {
            self.held = None;
        }
        let message = match self.held.take() {
            Some(message) => message,
            None => match self.next_message(languages) {
                Next::Message(message) => message,
                Next::Halted => return true,
                Next::Nothing => return false,
            },
        };
        let is_clause = message.clause.is_some();
        match self.clauses.push(message) {
            Ok(()) => {
                add(&self.shared.meters.clauses, u64::from(is_clause));
                self.note_exhaustion();
                true
            }
            Err(rtrb::PushError::Full(message)) => {
                self.held = Some(message);
                false
            }
        }
    }

    fn next_message(&mut self, languages: &mut Languages) -> Next {
        let Some((spoken, source)) = self.jobs.front_mut() else { return Next::Nothing };
        let spoken = Arc::clone(spoken);
        let clause = match source {
            Source::Clauses(clauses) => clauses.next(),
            Source::Text { language, .. } | Source::Stream { language, .. } => {
                let language = *language;
                if self.front_end.as_ref().is_none_or(|(loaded, _)| *loaded != language) {
                    match languages.ask(language) {
                        Asked::Ready(phonemizer) => {
                            self.front_end = Some((language, FrontEnd::new(phonemizer)));
                        }
                        Asked::Loading => return Next::Nothing,
                        Asked::Failed(reason) => {
                            spoken.fail(reason);
                            return self.end_utterance(spoken);
                        }
                    }
                }
                let Some((_, front_end)) = &mut self.front_end else { return Next::Nothing };
                let next = read_clause(front_end, source);
                let sentences = front_end.take_sentences_read();
                add(&self.shared.meters.sentences_cached, sentences.cached);
                add(&self.shared.meters.sentences_pronounced, sentences.pronounced);
                match next {
                    Read::Clause(clause) => Some(clause),
                    Read::End => {
                        spoken.dropped.store(front_end.dropped() as u64, Ordering::Relaxed);
                        None
                    }
                    Read::NotYet => {
                        let halted = !self.shared.text_exhausted.swap(true, Ordering::AcqRel);
                        return if halted { Next::Halted } else { Next::Nothing };
                    }
                }
            }
        };
        self.shared.text_exhausted.store(false, Ordering::Release);
        match clause {
            Some(_) => Next::Message(ClauseMessage { spoken, clause, marks_left: Vec::new() }),
            None => self.end_utterance(spoken),
        }
    }

    /// Has no more to say of the utterance in hand.
    fn end_utterance(&mut self, spoken: Arc<SpokenUtterance>) -> Next {
        self.jobs.pop_front();
        let marks_left = self.front_end.as_mut().map_or_else(Vec::new, |(_, f)| f.take_marks_left());
        self.end_job();
        Next::Message(ClauseMessage { spoken, clause: None, marks_left })
    }

    fn end_job(&mut self) {
        if let Some((_, front_end)) = &mut self.front_end {
            front_end.reset();
        }
    }

    /// Says that there is no more text, once stage 2 has been told so in its own ring.
    fn note_exhaustion(&self) {
        if self.jobs.is_empty() {
            self.shared.text_exhausted.store(true, Ordering::Release);
        }
    }
}

enum Read {
    Clause(Clause),
    NotYet,
    End,
}

/// The next clause of `source`, which is a text or a stream of text, through the front end.
fn read_clause(front_end: &mut FrontEnd, source: &mut Source) -> Read {
    loop {
        if let Some(clause) = front_end.next_clause() {
            return Read::Clause(clause);
        }
        match source {
            Source::Text { text, pushed, .. } => {
                if *pushed == text.len() {
                    return finish(front_end);
                }
                let mut end = text.len().min(*pushed + PIECE_BYTES);
                while !text.is_char_boundary(end) {
                    end += 1;
                }
                front_end.push(&text[*pushed..end]);
                *pushed = end;
                if end == text.len() {
                    front_end.finish();
                }
            }
            Source::Stream { reader, .. } => match reader.next_piece() {
                NextPiece::Piece(piece) => front_end.push(&piece),
                NextPiece::Flush => front_end.flush(),
                NextPiece::NotYet => return Read::NotYet,
                NextPiece::End => return finish(front_end),
            },
            Source::Clauses(_) => return Read::End,
        }
    }
}

/// The clauses that only the end of the text makes certain.
fn finish(front_end: &mut FrontEnd) -> Read {
    front_end.finish();
    front_end.next_clause().map_or(Read::End, Read::Clause)
}
