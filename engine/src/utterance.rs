//! One request to speak.

use std::sync::Arc;

use crossbeam_channel::{Receiver, Sender, TryRecvError, bounded};
use sostenuto_g2p::Language;
use sostenuto_inference::{Prosody, Voice};

use crate::speech_event::EventOptions;
use crate::waker::Waker;

/// Pieces of text that wait between a writer and the g2p stage.
const TEXT_PIECES: usize = 8;

/// What an utterance says.
#[derive(Debug)]
pub enum Input {
    /// Text in the utterance's language.
    Text(String),
    /// Phonemes, as symbols of the vocabulary; text processing is skipped.
    Phonemes(String),
    /// Text that is still being written.
    Stream(TextReader),
}

/// One request to speak.
#[derive(Debug)]
pub struct Utterance {
    /// What to say.
    pub input: Input,
    /// How the text is read.
    pub language: Language,
    /// Who speaks.
    pub voice: Arc<Voice>,
    /// Tempo, pitch and energy.
    pub prosody: Prosody,
    /// Starts the noise of sessions that have any: the same utterance and seed give the same samples.
    pub seed: u64,
    /// Whether [`Outcome::marks`](crate::Outcome::marks) is wanted: it holds an entry per word.
    pub marks: bool,
    /// What is told as it is heard.
    pub events: EventOptions,
}

/// The writing end of an utterance's text.
///
/// Writing blocks while the engine is busy with what was written before, so a text of any length needs no more
/// memory than a few pieces of it. Dropping the writer ends the text.
#[derive(Debug)]
pub struct TextWriter {
    pieces: Option<Sender<Piece>>,
    g2p: Waker,
}

/// The reading end of an utterance's text; hand it to [`Input::Stream`].
#[derive(Debug)]
pub struct TextReader {
    pieces: Receiver<Piece>,
}

#[derive(Debug)]
enum Piece {
    Text(String),
    Flush,
}

/// The utterance was stopped, so nobody reads what was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the utterance was stopped; write no more")]
pub struct TextUnwanted;

pub(crate) enum NextPiece {
    Piece(String),
    Flush,
    NotYet,
    End,
}

pub(crate) fn text_channel(g2p: Waker) -> (TextWriter, TextReader) {
    let (pieces, reader) = bounded(TEXT_PIECES);
    (TextWriter { pieces: Some(pieces), g2p }, TextReader { pieces: reader })
}

impl TextWriter {
    /// Appends a piece of text.
    ///
    /// # Errors
    /// [`TextUnwanted`] when the utterance is over, because it was stopped or its stream was closed.
    pub fn write(&self, piece: impl Into<String>) -> Result<(), TextUnwanted> {
        self.send(Piece::Text(piece.into()))
    }

    /// Has everything that was written spoken without waiting for more, as if a sentence ended here.
    ///
    /// Otherwise the last words wait until it is certain that their sentence is over: a full stop alone may belong to
    /// an abbreviation. For a writer that falls silent and may go on, such as a language model that calls a tool.
    ///
    /// # Errors
    /// As [`write`](Self::write).
    pub fn flush(&self) -> Result<(), TextUnwanted> {
        self.send(Piece::Flush)
    }

    fn send(&self, piece: Piece) -> Result<(), TextUnwanted> {
        self.pieces.as_ref().ok_or(TextUnwanted)?.send(piece).map_err(|_| TextUnwanted)?;
        self.g2p.wake();
        Ok(())
    }
}

impl Drop for TextWriter {
    fn drop(&mut self) {
        self.pieces = None;
        self.g2p.wake();
    }
}

impl TextReader {
    pub(crate) fn next_piece(&self) -> NextPiece {
        match self.pieces.try_recv() {
            Ok(Piece::Text(piece)) => NextPiece::Piece(piece),
            Ok(Piece::Flush) => NextPiece::Flush,
            Err(TryRecvError::Empty) => NextPiece::NotYet,
            Err(TryRecvError::Disconnected) => NextPiece::End,
        }
    }
}
