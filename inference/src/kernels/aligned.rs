//! Floats that begin at a cache line.

/// Floats of a cache line.
pub(super) const LINE: usize = 16;

/// Floats that begin at a cache line.
#[derive(Debug)]
pub(super) struct Aligned {
    values: Vec<f32>,
    first: usize,
    len: usize,
}

impl Aligned {
    /// Floats that it may take to get to the start of a line.
    pub(super) const SLACK: usize = LINE - 1;

    /// So many zeros.
    pub(super) fn zeros(len: usize) -> Self {
        let values = vec![0.0; len + Self::SLACK];
        let first = Self::first(&values);
        Self { values, first, len }
    }

    /// What of `values` begins at a line.
    pub(super) fn within(values: &mut [f32]) -> &mut [f32] {
        let first = Self::first(values);
        &mut values[first..]
    }

    pub(super) fn as_slice(&self) -> &[f32] {
        &self.values[self.first..][..self.len]
    }

    pub(super) fn as_mut_slice(&mut self) -> &mut [f32] {
        &mut self.values[self.first..][..self.len]
    }

    fn first(values: &[f32]) -> usize {
        values.as_ptr().align_offset(LINE * size_of::<f32>()).min(Self::SLACK)
    }
}
