//! Ctrl-C: silence first, then the end.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sostenuto_engine::{Stream, StreamControl};

use crate::exit::{Failure, INTERRUPTED, leave};

/// How long the main thread may take to finish files after a stop.
const PATIENCE: Duration = Duration::from_secs(1);

/// Knows whether Ctrl-C was pressed, and stops the stream that it was told of.
#[derive(Clone, Default)]
pub(crate) struct CtrlC {
    pressed: Arc<AtomicBool>,
    stream: Arc<Mutex<Option<StreamControl>>>,
}

/// Handles Ctrl-C (and being told to terminate) from now on. Before a stream is watched it ends the program at once;
/// then it stops the stream, so that the program ends by itself. Pressed twice, it ends the program at once.
pub(crate) fn on_ctrl_c() -> Result<CtrlC, Failure> {
    let ctrl_c = CtrlC::default();
    let handler = ctrl_c.clone();
    ctrlc::set_handler(move || {
        let again = handler.pressed.swap(true, Ordering::AcqRel);
        let stream = handler.stream.lock().unwrap_or_else(PoisonError::into_inner).clone();
        match stream {
            Some(stream) if !again => {
                stream.stop();
                std::thread::spawn(|| {
                    std::thread::sleep(PATIENCE);
                    leave(INTERRUPTED);
                });
            }
            _ => leave(INTERRUPTED),
        }
    })
    .map_err(Failure::failed)?;
    Ok(ctrl_c)
}

/// Does `act` when Ctrl-C is pressed, after which the command ends by itself. Pressed twice, it ends the program at once.
pub(crate) fn on_ctrl_c_do(act: impl Fn() + Send + 'static) -> Result<(), Failure> {
    let pressed = AtomicBool::new(false);
    ctrlc::set_handler(move || {
        if pressed.swap(true, Ordering::AcqRel) {
            leave(INTERRUPTED);
        }
        act();
    })
    .map_err(Failure::failed)
}

impl CtrlC {
    /// Stops `stream` when Ctrl-C is pressed.
    pub(crate) fn watch(&self, stream: &Stream) {
        *self.stream.lock().unwrap_or_else(PoisonError::into_inner) = Some(stream.control());
    }

    /// Whether Ctrl-C was pressed.
    pub(crate) fn was_pressed(&self) -> bool {
        self.pressed.load(Ordering::Acquire)
    }
}
