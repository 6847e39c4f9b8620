//! Scenarios that chance makes: a random subset of the faults, under random circumstances.

use sostenuto_engine::Policy;
use sostenuto_simulator::Scatter;

use crate::{Fault, FaultKind, Figure, Figures, Load, Machine, Scenario, SinkKind, Speech, TextSource};

/// The chance of each fault.
const CHANCE: f64 = 0.22;
/// A fault by chance is to strike so often on average at least: that it never does has a chance of one in some thousands.
const SURELY: f64 = 8.0;

/// The scenario of `seed`: text, sessions, machine and faults by chance, for as long as `base` and into its sink. The
/// same seed gives the same scenario.
///
/// Every fault that is drawn can strike, and the limits are what any such run must keep: nothing stale, lost, repeated or
/// out of order, no buffer missing, every utterance at its end. Only a lost chunk may cost samples and utterances.
///
/// Swarm testing: Groce, Zhang, Eide, Chen, Regehr, "Swarm testing", ISSTA 2012.
pub fn swarm(base: &Scenario, seed: u64) -> Scenario {
    let mut draw = Draw { scatter: Scatter::new(seed), seconds: base.sim_seconds.min(base.real_seconds) };
    let text = draw.text();
    let fragments = fragments(&text, draw.seconds);
    let kinds = draw.kinds();
    let policy = draw.policy(&kinds);
    let faults: Vec<Fault> = kinds.iter().map(|&kind| draw.fault(kind, fragments)).collect();
    let names: Vec<_> = kinds.iter().map(|kind| kind.name()).collect();
    Scenario {
        name: format!("swarm-{seed}"),
        about: format!("Drawn by chance: {}.", names.join(", ")),
        sim_seconds: base.sim_seconds,
        real_seconds: base.real_seconds,
        seed,
        text,
        speech: Speech {
            policy,
            voice: base.speech.voice.clone(),
            rate: draw.rate(),
            streams: draw.streams(),
        },
        sink: sink(base, &kinds),
        load: Load { cpu_hogs: draw.hogs(), pinned: draw.chances(0.3), ..Load::default() },
        machine: draw.machine(&kinds),
        limits: limits(&kinds),
        faults,
    }
}

/// About how many fragments are spoken in so many seconds, at least.
fn fragments(text: &TextSource, seconds: f64) -> f64 {
    match text {
        TextSource::Words { per_s } => seconds * per_s,
        TextSource::Mixed { .. } => seconds / 4.0,
        _ => seconds / 6.0,
    }
}

/// A server can be killed only where there is one of the scenario's own.
fn sink(base: &Scenario, kinds: &[FaultKind]) -> SinkKind {
    if kinds.contains(&FaultKind::ServerKill) { SinkKind::Server } else { base.sink.clone() }
}

fn limits(kinds: &[FaultKind]) -> Figures {
    let mut limits: Figures =
        [Figure::StaleSamples, Figure::RepeatedSamples, Figure::OrderErrors, Figure::MissingBuffers]
            .map(|figure| (figure, 0.0))
            .into();
    if !kinds.contains(&FaultKind::DroppedChunks) {
        limits.extend([Figure::LostSamples, Figure::UnfinishedUtterances].map(|figure| (figure, 0.0)));
    }
    limits
}

struct Draw {
    scatter: Scatter,
    /// How long the shorter of both modes lasts.
    seconds: f64,
}

impl Draw {
    fn chances(&mut self, share: f64) -> bool {
        self.scatter.share() < share
    }

    fn between(&mut self, least: f64, most: f64) -> f64 {
        round(least + (most - least) * self.scatter.share())
    }

    /// Spread evenly in the logarithm.
    fn about(&mut self, least: f64, most: f64) -> f64 {
        round(least * (most / least).powf(self.scatter.share()))
    }

    fn one_of<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.scatter.below(of.len())]
    }

    fn text(&mut self) -> TextSource {
        match self.scatter.below(5) {
            0 => TextSource::Article,
            1 => TextSource::Book,
            2 => TextSource::Typing { tokens_per_s: self.about(30.0, 60.0) },
            3 => TextSource::Words { per_s: self.between(0.8, 3.0) },
            _ => TextSource::Mixed { languages: vec!["en-US".to_owned(), "en-GB".to_owned()] },
        }
    }

    fn kinds(&mut self) -> Vec<FaultKind> {
        let mut kinds: Vec<FaultKind> = FaultKind::ALL.into_iter().filter(|_| self.chances(CHANCE)).collect();
        if kinds.is_empty() {
            kinds.push(self.one_of(&FaultKind::ALL));
        }
        // What a lost chunk holds up goes on after a stop only.
        if kinds.contains(&FaultKind::DroppedChunks) && !kinds.contains(&FaultKind::StopStorm) {
            kinds.push(FaultKind::StopStorm);
        }
        // A device that is lost while it takes nothing anyway makes no difference.
        if kinds.contains(&FaultKind::DeviceLoss) || kinds.contains(&FaultKind::ServerKill) {
            kinds.retain(|&kind| kind != FaultKind::ConsumerStall);
        }
        kinds
    }

    fn policy(&mut self, kinds: &[FaultKind]) -> Policy {
        // Of two sessions the one that is to freeze may have nothing to do then, and the fast one hardly ever has.
        let policies = [Policy::Quality, Policy::Fast, Policy::Twin, Policy::Hybrid];
        self.one_of(if kinds.contains(&FaultKind::Freeze) { &policies[..1] } else { &policies })
    }

    fn rate(&mut self) -> f64 {
        if self.chances(0.3) { self.between(0.7, 2.0) } else { 1.0 }
    }

    fn streams(&mut self) -> u32 {
        if self.chances(0.2) { 2 + self.scatter.below(2) as u32 } else { 1 }
    }

    fn hogs(&mut self) -> u32 {
        if self.chances(0.3) { 1 + self.scatter.below(3) as u32 } else { 0 }
    }

    fn machine(&mut self, kinds: &[FaultKind]) -> Machine {
        // A session that is done at once is not at work when it is to freeze.
        let quickest = if kinds.contains(&FaultKind::Freeze) { 0.5 } else { 0.1 };
        Machine {
            cores: 1 + self.scatter.below(8) as u32,
            quality_rtf: self.about(quickest, 0.9),
            fast_rtf: self.about(0.01, 0.2),
            spread: self.between(0.0, 0.5),
        }
    }

    /// A fault that strikes where so many fragments are spoken.
    fn fault(&mut self, kind: FaultKind, fragments: f64) -> Fault {
        let d = self.seconds;
        let least = (SURELY / fragments).clamp(0.05, 0.5);
        match kind {
            FaultKind::SlowInference => {
                let factor = self.about(1.5, 4.0);
                Fault::SlowInference { factor, at_s: self.between(0.0, 0.5), for_s: self.between(7.0, 9.0) }
            }
            // Runs that are long are few.
            FaultKind::Stalls => Fault::Stalls {
                share: self.between(least, 0.5),
                factor: self.about(1.5, 4.0),
                run: self.between(1.0, 1.0 + (fragments / 100.0).min(3.0)),
            },
            // The first fragments fall into it; a session that is gone for longer is given up on, and what it was to
            // speak with it.
            FaultKind::Freeze => {
                Fault::Freeze { at_s: self.between(0.3, 1.0), for_s: self.between(4.5, 5.5) }
            }
            FaultKind::FailedFragments => Fault::FailedFragments { share: self.between(least, 0.5) },
            FaultKind::NanFragments => Fault::NanFragments { share: self.between(least, 0.5) },
            FaultKind::DroppedChunks => Fault::DroppedChunks { share: self.between(least, 0.5) },
            FaultKind::DuplicatedChunks => Fault::DuplicatedChunks { share: self.between(least, 0.5) },
            FaultKind::ReorderedChunks => Fault::ReorderedChunks { share: self.between(least, 0.5) },
            FaultKind::ConsumerStall => Fault::ConsumerStall {
                every_s: self.between(0.2 * d, 0.5 * d),
                for_s: self.between(0.05, 0.15 * d),
            },
            FaultKind::LateCallback => {
                Fault::LateCallback { every_s: self.between(0.1 * d, 0.5 * d), by_s: self.about(0.02, 0.2) }
            }
            FaultKind::CallbackBurst => {
                let callbacks = 2 + self.scatter.below(10) as u32;
                Fault::CallbackBurst { every_s: self.between(0.1 * d, 0.5 * d), callbacks }
            }
            FaultKind::DeviceLoss => {
                Fault::DeviceLoss { at_s: self.between(0.1 * d, 0.3 * d), for_s: self.between(0.1, 0.2 * d) }
            }
            FaultKind::PeriodChange => {
                let frames = self.one_of(&[64, 128, 480, 512, 960, 1_024, 2_048]);
                Fault::PeriodChange { at_s: self.between(0.1 * d, 0.6 * d), frames }
            }
            FaultKind::ClockDrift => {
                let ppm = self.about(100.0, 1_000.0);
                Fault::ClockDrift { ppm: if self.chances(0.5) { ppm } else { -ppm } }
            }
            FaultKind::StopStorm => Fault::StopStorm { every_s: self.between(0.25 * d, 0.5 * d) },
            FaultKind::BargeIn => Fault::BargeIn { every_s: self.between(0.25 * d, 0.5 * d) },
            FaultKind::MemoryLimit => {
                Fault::MemoryLimit { at_s: self.between(0.1 * d, 0.5 * d), for_s: self.between(1.5, 0.4 * d) }
            }
            FaultKind::ServerKill => {
                Fault::ServerKill { at_s: self.between(0.5 * d, 0.7 * d), for_s: self.between(0.1, 0.2 * d) }
            }
        }
    }
}

/// Three digits after the point, as a file has them.
fn round(value: f64) -> f64 {
    (value * 1e3).round() / 1e3
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::check::check;

    fn base() -> Scenario {
        Scenario::find("steady-article").unwrap()
    }

    #[test]
    fn the_same_seed_gives_the_same_scenario_and_another_seed_another() {
        assert_eq!(swarm(&base(), 7), swarm(&base(), 7));
        assert_ne!(swarm(&base(), 7).faults, swarm(&base(), 8).faults);
    }

    #[test]
    fn each_is_a_scenario_as_a_file_has_it_and_together_they_have_every_fault() {
        let mut kinds = BTreeSet::new();
        for seed in 0..200 {
            let scenario = swarm(&base(), seed);
            assert!(check(&scenario).is_ok(), "{seed}: {:?}", check(&scenario));
            let written = toml::to_string(&scenario).unwrap();
            assert_eq!(Scenario::from_toml(&written, "swarm").unwrap(), scenario);
            kinds.extend(scenario.faults.iter().map(Fault::kind));
        }
        assert_eq!(kinds.len(), FaultKind::ALL.len());
    }
}
