//! One prosody out of several.

use std::ops::RangeInclusive;

use sostenuto_inference::{ENERGY_RANGE, PITCH_RANGE, Prosody, SPEED_RANGE};

/// What several prosodies, one on top of the other, come to: tempo and energy multiply, pitch adds. Each control is
/// then kept inside its range; where that changes it, the log says so.
pub fn combine(prosodies: &[Prosody]) -> Prosody {
    let product = |control: fn(&Prosody) -> f32| prosodies.iter().map(control).product();
    Prosody {
        speed: within("speed", product(|prosody| prosody.speed), SPEED_RANGE),
        pitch_cents: within("pitch", prosodies.iter().map(|prosody| prosody.pitch_cents).sum(), PITCH_RANGE),
        energy: within("energy", product(|prosody| prosody.energy), ENERGY_RANGE),
    }
}

fn within(control: &str, value: f32, range: RangeInclusive<f32>) -> f32 {
    let (low, high) = range.into_inner();
    let clamped = value.clamp(low, high);
    if clamped != value {
        tracing::warn!("{control} comes to {value} over all; it is kept at {clamped}, as far as it goes");
    }
    clamped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tempo_and_energy_multiply_and_pitch_adds() {
        let one = Prosody { speed: 1.5, pitch_cents: 100.0, energy: 0.8 };
        let two = Prosody { speed: 0.5, pitch_cents: -250.0, energy: 1.25 };
        assert_eq!(combine(&[one, two]), Prosody { speed: 0.75, pitch_cents: -150.0, energy: 1.0 });
        assert_eq!(combine(&[]), Prosody::default());
    }

    #[test]
    fn nothing_leaves_its_range() {
        let much = Prosody { speed: 2.0, pitch_cents: 1_000.0, energy: 1.5 };
        assert_eq!(combine(&[much, much]), Prosody { speed: 2.0, pitch_cents: 1_200.0, energy: 2.0 });
        let little = Prosody { speed: 0.5, pitch_cents: -1_000.0, energy: 0.6 };
        assert_eq!(combine(&[little, little]), Prosody { speed: 0.5, pitch_cents: -1_200.0, energy: 0.5 });
    }
}
