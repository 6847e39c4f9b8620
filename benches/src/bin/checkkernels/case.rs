//! What is checked and timed.

use std::fmt;

use sostenuto_inference::kernels::Isa;
use sostenuto_inference::kernels::chance::Chance;

/// A kernel of one shape.
pub(crate) trait Case {
    /// Its name, coarse to fine, with dots.
    fn name(&self) -> String;
    /// Whether there is something to check for an instruction set.
    fn has(&self, _isa: Isa) -> bool {
        true
    }
    /// What it may differ by from the reference.
    fn bound(&self) -> Bound;
    /// Everything that a call with random options stores.
    fn called(&self, isa: Isa, chance: &mut Chance) -> Vec<f64>;
    /// The call that is timed.
    fn timed(&self, isa: Isa, chance: &mut Chance) -> Box<dyn FnMut()>;
    /// What a timed call does, in units of [`unit`](Case::unit).
    fn work(&self) -> f64;
    /// Operations of the plain form (`OP`), or values (`V`).
    fn unit(&self) -> &'static str;
}

/// What a kernel may differ by from the reference.
#[derive(Clone, Copy)]
pub(crate) enum Bound {
    /// Signal to noise, at least, in dB.
    Decibels(f64),
    /// Nothing.
    Exact,
}

/// What became of a check.
#[derive(Clone, Copy, Default)]
pub(crate) struct Verdict {
    pub(crate) passed: bool,
    decibels: f64,
    furthest: f64,
}

impl Verdict {
    pub(crate) fn of(expected: &[f64], found: &[f64], bound: Bound) -> Self {
        let (mut signal, mut noise, mut furthest) = (0.0_f64, 0.0_f64, 0.0_f64);
        for (expected, found) in expected.iter().zip(found) {
            let apart = (expected - found).abs();
            signal += expected * expected;
            noise += apart * apart;
            furthest = if apart.is_nan() { f64::INFINITY } else { furthest.max(apart) };
        }
        let decibels = 10.0 * (signal / noise.max(f64::MIN_POSITIVE)).log10();
        let within = match bound {
            Bound::Decibels(least) => decibels >= least && furthest.is_finite(),
            Bound::Exact => furthest == 0.0,
        };
        Self { passed: within && expected.len() == found.len() && !expected.is_empty(), decibels, furthest }
    }

    pub(crate) fn worse(self, other: Self) -> Self {
        Self {
            passed: self.passed && other.passed,
            decibels: self.decibels.min(other.decibels),
            furthest: self.furthest.max(other.furthest),
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = if self.passed { "ok  " } else { "FAIL" };
        if self.furthest == 0.0 {
            write!(f, "{word} equal to the last bit ")
        } else {
            write!(f, "{word} {:6.1} dB, {:8.1e} off", self.decibels, self.furthest)
        }
    }
}
