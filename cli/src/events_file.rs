//! What `say --events` writes: a line of JSON for each event, as it is heard.

use std::fs::File;
use std::io::Write;
use std::path::Path;

use sostenuto_engine::{EventLine, Heard, Speech};

use crate::exit::Failure;
use crate::marks_file::KeptText;

/// Takes lines; each can be read as soon as it is there.
pub(crate) struct EventsFile {
    name: String,
    out: Box<dyn Write>,
}

impl EventsFile {
    /// Creates the file at `path`; `-` is standard output.
    pub(crate) fn create(path: &Path) -> Result<Self, Failure> {
        let name = path.display().to_string();
        if name == "-" {
            return Ok(Self { name: "standard output".to_string(), out: Box::new(std::io::stdout()) });
        }
        let file = File::create(path)
            .map_err(|error| Failure::failed(format_args!("cannot write {name}: {error}")))?;
        Ok(Self { name, out: Box::new(file) })
    }

    /// Writes every event of `speech`, up to its last, with what stands in `text`; samples at `rate` per second.
    pub(crate) fn follow(mut self, speech: &Speech, text: &KeptText, rate: u32) -> Result<(), Failure> {
        speech.events().try_for_each(|heard| self.write(&heard, text, rate))
    }

    fn write(&mut self, heard: &Heard, text: &KeptText, rate: u32) -> Result<(), Failure> {
        let mut line =
            text.read(|text| serde_json::to_string(&EventLine::new(text, heard, rate)))?.into_bytes();
        line.push(b'\n');
        self.out.write_all(&line).and_then(|()| self.out.flush()).map_err(|error| match error.kind() {
            std::io::ErrorKind::BrokenPipe => Failure::from(error),
            _ => Failure::failed(format_args!("cannot write {}: {error}", self.name)),
        })
    }
}
