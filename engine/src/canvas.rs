//! Where an offline call writes: the caller's slice, or memory of its own that grows.

/// Samples over which a cut fades out: 5 ms.
const FADE: usize = 120;

/// Samples in the order of time; what goes beyond its room is not kept.
#[derive(Debug)]
pub(crate) enum Canvas<'a> {
    /// The caller's.
    Slice {
        /// All of it.
        buffer: &'a mut [f32],
        /// Samples written.
        len: usize,
    },
    /// Grows as it is written.
    Growing {
        /// Samples written.
        samples: &'a mut Vec<f32>,
        /// The most there may be.
        most: usize,
    },
}

impl Canvas<'_> {
    /// Samples written.
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Slice { len, .. } => *len,
            Self::Growing { samples, .. } => samples.len(),
        }
    }

    /// Samples that can still be written.
    pub(crate) fn room(&self) -> usize {
        match self {
            Self::Slice { buffer, len } => buffer.len() - len,
            Self::Growing { samples, most } => most - samples.len(),
        }
    }

    /// Appends as much of `part` as there is room for.
    pub(crate) fn put(&mut self, part: &[f32]) {
        let part = &part[..part.len().min(self.room())];
        match self {
            Self::Slice { buffer, len } => {
                buffer[*len..*len + part.len()].copy_from_slice(part);
                *len += part.len();
            }
            Self::Growing { samples, .. } => samples.extend_from_slice(part),
        }
    }

    /// Appends `count` samples of silence, as far as there is room for them.
    pub(crate) fn rest(&mut self, count: usize) {
        let count = count.min(self.room());
        match self {
            Self::Slice { buffer, len } => {
                buffer[*len..*len + count].fill(0.0);
                *len += count;
            }
            Self::Growing { samples, .. } => samples.resize(samples.len() + count, 0.0),
        }
    }

    /// Takes away everything from sample `end` on.
    pub(crate) fn cut(&mut self, end: usize) {
        match self {
            Self::Slice { len, .. } => *len = end.min(*len),
            Self::Growing { samples, .. } => samples.truncate(end),
        }
    }

    /// Everything written.
    pub(crate) fn samples_mut(&mut self) -> &mut [f32] {
        match self {
            Self::Slice { buffer, len } => &mut buffer[..*len],
            Self::Growing { samples, .. } => samples.as_mut_slice(),
        }
    }

    /// Lets the last [`FADE`] samples, but none before sample `from`, fall to silence, so that a cut does not click.
    pub(crate) fn fade_out(&mut self, from: usize) {
        let samples = self.samples_mut();
        let start = from.max(samples.len().saturating_sub(FADE)).min(samples.len());
        let tail = &mut samples[start..];
        let count = tail.len() as f32;
        for (n, sample) in tail.iter_mut().enumerate() {
            *sample *= 1.0 - (n + 1) as f32 / count;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(mut canvas: Canvas<'_>) -> (usize, usize) {
        canvas.put(&[1.0; 300]);
        canvas.rest(100);
        canvas.put(&[1.0; 200]);
        (canvas.len(), canvas.room())
    }

    #[test]
    fn what_there_is_no_room_for_is_not_kept() {
        for (most, kept) in [(1_000, (600, 400)), (500, (500, 0)), (350, (350, 0)), (0, (0, 0))] {
            let mut buffer = vec![9.0; most];
            assert_eq!(written(Canvas::Slice { buffer: &mut buffer, len: 0 }), kept);
            assert_eq!(written(Canvas::Growing { samples: &mut Vec::new(), most }), kept);
            assert!(
                buffer
                    .iter()
                    .enumerate()
                    .all(|(n, &s)| s == if (300..400).contains(&n) { 0.0 } else { 1.0 } || n >= 600)
            );
        }
    }

    #[test]
    fn a_cut_falls_to_silence_over_its_last_five_milliseconds() {
        let mut samples = vec![1.0; 500];
        let mut canvas = Canvas::Growing { samples: &mut samples, most: 500 };
        canvas.cut(400);
        canvas.fade_out(0);
        assert_eq!((samples.len(), samples[279], samples[399]), (400, 1.0, 0.0));
        assert!(samples[279..].windows(2).all(|pair| pair[1] < pair[0]));
    }

    #[test]
    fn nothing_before_the_fragment_fades() {
        let mut samples = vec![1.0; 50];
        Canvas::Growing { samples: &mut samples, most: 50 }.fade_out(40);
        assert_eq!((samples[39], samples[49]), (1.0, 0.0));
    }
}
