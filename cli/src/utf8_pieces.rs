//! Reads UTF-8 piece by piece, so that a text of any length needs no more memory than a piece.

use std::io::{self, Read};

/// Bytes read at once.
const PIECE: usize = 4_096;

/// What a text that is read piece by piece can fail with.
#[derive(Debug)]
pub(crate) enum ReadError {
    /// The byte at this offset begins no UTF-8 character.
    NotUtf8 {
        /// Counted from 0.
        offset: u64,
    },
    /// The source cannot be read.
    Io(io::Error),
}

/// An iterator over pieces of text; characters are never cut.
pub(crate) struct Utf8Pieces<R> {
    source: R,
    pending: Vec<u8>,
    offset: u64,
    done: bool,
}

impl<R: Read> Utf8Pieces<R> {
    /// Reads `source` from where it stands. A byte order mark at its beginning is not part of the text.
    pub(crate) fn new(source: R) -> Self {
        Self { source, pending: Vec::with_capacity(PIECE + 4), offset: 0, done: false }
    }

    fn read_more(&mut self) -> io::Result<usize> {
        let held = self.pending.len();
        self.pending.resize(held + PIECE, 0);
        let read = loop {
            match self.source.read(&mut self.pending[held..]) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                other => break other,
            }
        };
        self.pending.truncate(held + read.as_ref().map_or(0, |&n| n));
        read
    }

    fn take(&mut self, bytes: usize) -> String {
        let begins = self.offset == 0;
        self.offset += bytes as u64;
        let text: String = String::from_utf8_lossy(&self.pending[..bytes]).into_owned();
        self.pending.drain(..bytes);
        if begins { text.strip_prefix('\u{feff}').map(str::to_string).unwrap_or(text) } else { text }
    }
}

impl<R: Read> Iterator for Utf8Pieces<R> {
    type Item = Result<String, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.done {
            let read = match self.read_more() {
                Ok(read) => read,
                Err(error) => {
                    self.done = true;
                    return Some(Err(ReadError::Io(error)));
                }
            };
            let (valid, broken) = match std::str::from_utf8(&self.pending) {
                Ok(_) => (self.pending.len(), false),
                Err(error) => (error.valid_up_to(), error.error_len().is_some()),
            };
            if valid > 0 {
                return Some(Ok(self.take(valid)));
            }
            if broken || read == 0 {
                self.done = true;
                return (!self.pending.is_empty()).then_some(Err(ReadError::NotUtf8 { offset: self.offset }));
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives one byte at a time.
    struct Trickle<'a>(&'a [u8]);

    impl Read for Trickle<'_> {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            let count = self.0.len().min(1);
            into[..count].copy_from_slice(&self.0[..count]);
            self.0 = &self.0[count..];
            Ok(count)
        }
    }

    fn read(source: impl Read) -> Result<String, u64> {
        Utf8Pieces::new(source)
            .map(|piece| {
                piece.map_err(|error| match error {
                    ReadError::NotUtf8 { offset } => offset,
                    ReadError::Io(_) => u64::MAX,
                })
            })
            .collect()
    }

    #[test]
    fn characters_survive_wherever_the_source_cuts_them() {
        let text = "naïve “quotes” — 日本 🎉";
        assert_eq!(read(Trickle(text.as_bytes())).as_deref(), Ok(text));
        assert_eq!(read(text.as_bytes()).as_deref(), Ok(text));
    }

    #[test]
    fn a_byte_that_is_no_text_is_named_by_its_offset() {
        assert_eq!(read(&b"abc\xffdef"[..]), Err(3));
        assert_eq!(read(Trickle(b"abc\xc3")), Err(3));
    }

    #[test]
    fn a_byte_order_mark_is_not_spoken() {
        assert_eq!(read("\u{feff}abc".as_bytes()).as_deref(), Ok("abc"));
    }

    #[test]
    fn a_long_text_comes_in_pieces() {
        let text = "word ".repeat(10_000);
        let pieces: Vec<_> = Utf8Pieces::new(text.as_bytes()).map(Result::unwrap).collect();
        assert!(pieces.len() > 5 && pieces.iter().all(|piece| piece.len() <= PIECE + 4));
        assert_eq!(pieces.concat(), text);
    }
}
