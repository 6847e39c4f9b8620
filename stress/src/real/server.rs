//! A sound server of a scenario's own, and what goes wrong with it: it hangs, and it dies.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use super::RealError;
use super::course::Course;
use super::environment::Pointed;
use super::sound_server::SoundServer;
use super::timetable::Recurring;
use crate::{Fault, FaultKind, Scenario, SinkKind};

/// Frames a second of its device.
const RATE: u32 = 24_000;
/// How often it is looked what is due.
const LOOK: Duration = Duration::from_millis(5);

/// The sound server of a scenario, if it has one of its own. It ends when this is dropped.
pub(super) struct Server {
    // Dropped after the thread has given the server back.
    at_work: Option<AtWork>,
    idle: Option<SoundServer>,
    _pointed: Option<Pointed>,
}

struct AtWork {
    over: Arc<AtomicBool>,
    thread: JoinHandle<std::io::Result<SoundServer>>,
}

impl Server {
    /// Starts one where `scenario` wants it, and points this process at it.
    ///
    /// # Errors
    /// [`RealError::NoServer`] where none is installed, [`RealError::Server`] where it does not start.
    pub(super) fn start(scenario: &Scenario) -> Result<Self, RealError> {
        if scenario.sink != SinkKind::Server {
            return Ok(Self { at_work: None, idle: None, _pointed: None });
        }
        let server = SoundServer::start(RATE, 1).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => RealError::NoServer(error),
            _ => RealError::Server(error),
        })?;
        let pointed = Pointed::at(&server);
        Ok(Self { at_work: None, idle: Some(server), _pointed: Some(pointed) })
    }

    /// Lets go wrong with it what `scenario` says.
    ///
    /// # Errors
    /// [`RealError::Thread`] when the system gives no thread.
    pub(super) fn suffer(&mut self, scenario: &Scenario, course: &Arc<Course>) -> Result<(), RealError> {
        if let Some(server) = self.idle.take() {
            let faults = ServerFaults::new(server, &scenario.faults, scenario.seed);
            let over = Arc::new(AtomicBool::new(false));
            let (course, ended) = (Arc::clone(course), Arc::clone(&over));
            let thread = std::thread::Builder::new()
                .name("server".to_owned())
                .spawn(move || faults.run(&course, &ended))
                .map_err(RealError::Thread)?;
            self.at_work = Some(AtWork { over, thread });
        }
        Ok(())
    }

    /// Lets nothing more go wrong.
    ///
    /// # Errors
    /// [`RealError::Server`] where it could not be started again.
    pub(super) fn recover(&mut self) -> Result<(), RealError> {
        let Some(AtWork { over, thread }) = self.at_work.take() else { return Ok(()) };
        over.store(true, Ordering::Release);
        match thread.join() {
            Ok(server) => self.idle = Some(server.map_err(RealError::Server)?),
            Err(_) => return Err(RealError::Server(std::io::Error::other("its thread ended early"))),
        }
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // What it could not do no longer matters.
        let _ = self.recover();
    }
}

/// A sound server, and what is going to happen to it.
struct ServerFaults {
    server: SoundServer,
    kills: Vec<(f64, f64)>,
    stalls: Vec<(Recurring, f64)>,
    /// Until when it is gone, or hangs.
    gone_until: Option<f64>,
    hangs_until: Option<f64>,
}

impl ServerFaults {
    /// Those of `faults` that a server can have.
    fn new(server: SoundServer, faults: &[Fault], seed: u64) -> Self {
        let (mut kills, mut stalls) = (Vec::new(), Vec::new());
        for (n, fault) in faults.iter().enumerate() {
            match *fault {
                Fault::ServerKill { at_s, for_s } => kills.push((at_s, for_s)),
                Fault::ConsumerStall { every_s, for_s } => {
                    stalls.push((Recurring::new(every_s, seed.wrapping_add(n as u64)), for_s));
                }
                _ => {}
            }
        }
        // The next one is the last.
        kills.sort_by(|a: &(f64, f64), b| b.0.total_cmp(&a.0));
        Self { server, kills, stalls, gone_until: None, hangs_until: None }
    }

    /// Lets everything happen until the run is `over`, and gives the server back.
    ///
    /// # Errors
    /// The server does not start again.
    fn run(mut self, course: &Course, over: &AtomicBool) -> std::io::Result<SoundServer> {
        while !over.load(Ordering::Acquire) {
            self.step(course.seconds().unwrap_or_default(), course)?;
            std::thread::sleep(LOOK);
        }
        if self.hangs_until.is_some() {
            self.server.signal("CONT")?;
        }
        if self.gone_until.is_some() {
            self.server.revive(RATE)?;
            self.server.let_in()?;
        }
        Ok(self.server)
    }

    fn step(&mut self, at_s: f64, course: &Course) -> std::io::Result<()> {
        if self.gone_until.take_if(|until| *until <= at_s).is_some() {
            self.server.revive(RATE)?;
            self.server.let_in()?;
        }
        if self.hangs_until.take_if(|until| *until <= at_s).is_some() {
            self.server.signal("CONT")?;
        }
        if self.gone_until.is_some() {
            return Ok(());
        }
        if let Some((_, for_s)) = self.kills.pop_if(|(begin_s, _)| *begin_s <= at_s) {
            self.server.crash()?;
            course.fire(FaultKind::ServerKill);
            (self.gone_until, self.hangs_until) = (Some(at_s + for_s), None);
            return Ok(());
        }
        let due = self.stalls.iter_mut().position(|(often, _)| often.is_due(at_s));
        if let Some(due) = due.filter(|_| self.hangs_until.is_none()) {
            self.server.signal("STOP")?;
            course.fire(FaultKind::ConsumerStall);
            self.hangs_until = Some(at_s + self.stalls[due].1);
        }
        Ok(())
    }
}
