//! A run while it goes on: a block that is drawn again on a terminal, a line now and then elsewhere.

use std::io::{IsTerminal, Write};

use sostenuto_stress::{Live, Moment, redrawn};

/// Seconds between two lines where there is no terminal.
const LINE_EVERY: f64 = 5.0;

/// What is shown on standard error.
pub(super) struct View {
    live: Live,
    is_terminal: bool,
    quiet: bool,
    /// Lines of the block that stands on the terminal.
    drawn: usize,
    /// When the next line is due, in seconds of the scenario.
    next_line: f64,
}

impl View {
    /// A view of the scenario `name`, which takes `of_s` seconds.
    pub(super) fn new(name: &str, of_s: f64, quiet: bool) -> Self {
        let is_terminal = std::io::stderr().is_terminal();
        Self { live: Live::new(name, of_s), is_terminal, quiet, drawn: 0, next_line: LINE_EVERY }
    }

    pub(super) fn show(&mut self, moment: &Moment) {
        if self.quiet {
            return;
        }
        if self.is_terminal {
            let block = self.live.block(moment);
            write_out(&redrawn(self.drawn, &block));
            self.drawn = block.len();
        } else if moment.at_s >= self.next_line {
            write_out(&format!("{}\n", self.live.line(moment)));
            self.next_line = moment.at_s + LINE_EVERY;
        }
    }

    /// Takes the block off the terminal.
    pub(super) fn clear(&mut self) {
        if self.drawn > 0 {
            // Up to its first line, and erase all below (ECMA-48: CUU, ED).
            write_out(&format!("\x1b[{}A\r\x1b[J", self.drawn));
            self.drawn = 0;
        }
    }
}

/// Standard error may be gone; nothing depends on it.
fn write_out(text: &str) {
    let _ = std::io::stderr().lock().write_all(text.as_bytes());
}
