//! The ramp on which everything begins and ends to sound.

/// Length of a fade, in seconds: long enough not to click, short enough to count as immediate.
pub const FADE_SECONDS: f32 = 0.005;

/// A linear ramp between silence and full level, counted in frames so that both ends are met exactly.
#[derive(Debug)]
pub(crate) struct Fade {
    at: u32,
    length: u32,
}

impl Fade {
    /// A fade of [`FADE_SECONDS`] at `rate`, silent.
    pub(crate) fn new(rate: u32) -> Self {
        Self { at: 0, length: ((FADE_SECONDS * rate as f32).ceil() as u32).max(1) }
    }

    /// The level of the next frame, one step nearer to full.
    pub(crate) fn rise(&mut self) -> f32 {
        self.at = (self.at + 1).min(self.length);
        self.level()
    }

    /// The level of the next frame, one step nearer to silence.
    pub(crate) fn fall(&mut self) -> f32 {
        self.at = self.at.saturating_sub(1);
        self.level()
    }

    pub(crate) fn fill(&mut self) {
        self.at = self.length;
    }

    pub(crate) fn silence(&mut self) {
        self.at = 0;
    }

    pub(crate) const fn is_silent(&self) -> bool {
        self.at == 0
    }

    /// Frames that it takes from here to silence.
    pub(crate) const fn frames_to_silence(&self) -> usize {
        self.at as usize
    }

    /// How much the level moves with each frame.
    pub(crate) fn step(&self) -> f32 {
        1.0 / self.length as f32
    }

    pub(crate) fn level(&self) -> f32 {
        self.at as f32 / self.length as f32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fade_takes_five_milliseconds_each_way_and_ends_exactly() {
        let mut fade = Fade::new(48_000);
        let up: Vec<f32> = (0..240).map(|_| fade.rise()).collect();
        assert_eq!((up[0], up[239]), (1.0 / 240.0, 1.0));
        assert_eq!(fade.frames_to_silence(), 240);
        let down: Vec<f32> = (0..240).map(|_| fade.fall()).collect();
        assert!(down[238] > 0.0 && down[239] == 0.0 && fade.is_silent());
    }
}
