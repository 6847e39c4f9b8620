//! How a fragment is spoken: tempo, pitch and energy, all three inside the model.

use std::ops::RangeInclusive;

/// Slowest and fastest tempo.
pub const SPEED_RANGE: RangeInclusive<f32> = 0.5..=2.0;
/// Lowest and highest shift of the pitch, in cents.
pub const PITCH_RANGE: RangeInclusive<f32> = -1200.0..=1200.0;
/// Weakest and strongest energy.
pub const ENERGY_RANGE: RangeInclusive<f32> = 0.5..=2.0;

/// Tempo, pitch and energy of speech.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Prosody {
    /// Divides the model's durations; within [`SPEED_RANGE`].
    pub speed: f32,
    /// Shifts the model's fundamental frequency, in cents (1,200 to the octave); within [`PITCH_RANGE`].
    pub pitch_cents: f32,
    /// Multiplies the model's energy; within [`ENERGY_RANGE`].
    pub energy: f32,
}

/// A prosody that no session speaks: ask for one inside the range.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[error("{control} {value} is outside {low} to {high}")]
pub struct ProsodyError {
    /// `speed`, `pitch` or `energy`.
    pub control: &'static str,
    /// What was asked for.
    pub value: f32,
    /// The least there is.
    pub low: f32,
    /// The most there is.
    pub high: f32,
}

impl Default for Prosody {
    /// The voice as it is.
    fn default() -> Self {
        Self { speed: 1.0, pitch_cents: 0.0, energy: 1.0 }
    }
}

impl Prosody {
    /// The voice as it is, at another tempo.
    pub fn at_speed(speed: f32) -> Self {
        Self { speed, ..Self::default() }
    }

    /// Sees that every control is inside its range.
    ///
    /// # Errors
    /// The first that is not.
    pub fn check(&self) -> Result<(), ProsodyError> {
        let within = |control, value, range: RangeInclusive<f32>| {
            let (low, high) = range.into_inner();
            // In this form a value that is not a number is outside.
            if low <= value && value <= high {
                Ok(())
            } else {
                Err(ProsodyError { control, value, low, high })
            }
        };
        within("speed", self.speed, SPEED_RANGE)?;
        within("pitch", self.pitch_cents, PITCH_RANGE)?;
        within("energy", self.energy, ENERGY_RANGE)
    }

    /// What the fundamental frequency is multiplied with.
    pub fn pitch_factor(&self) -> f32 {
        (self.pitch_cents / 1200.0).exp2()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_voice_as_it_is_passes_and_is_left_alone() {
        assert_eq!(Prosody::default().check(), Ok(()));
        assert_eq!(Prosody::default().pitch_factor(), 1.0);
    }

    #[test]
    fn an_octave_is_twelve_hundred_cents() {
        assert_eq!(Prosody { pitch_cents: 1200.0, ..Prosody::default() }.pitch_factor(), 2.0);
        assert_eq!(Prosody { pitch_cents: -1200.0, ..Prosody::default() }.pitch_factor(), 0.5);
    }

    #[test]
    fn each_control_is_refused_outside_its_range() {
        let refused = |prosody: Prosody| prosody.check().unwrap_err().to_string();
        assert_eq!(refused(Prosody::at_speed(0.49)), "speed 0.49 is outside 0.5 to 2");
        assert_eq!(refused(Prosody::at_speed(f32::NAN)), "speed NaN is outside 0.5 to 2");
        let pitch = Prosody { pitch_cents: 1201.0, ..Prosody::default() };
        assert_eq!(refused(pitch), "pitch 1201 is outside -1200 to 1200");
        let energy = Prosody { energy: 2.5, ..Prosody::default() };
        assert_eq!(refused(energy), "energy 2.5 is outside 0.5 to 2");
    }
}
