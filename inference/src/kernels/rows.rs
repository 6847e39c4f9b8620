//! A stretch of rows out of a longer sequence.

use std::ops::Range;

/// Rows `first..first + values.len() / width` of a sequence, one after another.
#[derive(Clone, Copy, Debug)]
pub struct Rows<'a> {
    /// The floats, row by row.
    pub values: &'a [f32],
    /// Floats per row; at least one.
    pub width: usize,
    /// Which row of the sequence `values` begins with.
    pub first: usize,
}

impl<'a> Rows<'a> {
    /// The rows of a whole sequence.
    pub fn whole(values: &'a [f32], width: usize) -> Self {
        Self { values, width, first: 0 }
    }

    /// The rows that are here.
    pub fn range(&self) -> Range<usize> {
        self.first..self.first + self.values.len() / self.width
    }

    /// Row `index` of the sequence.
    ///
    /// # Panics
    /// It is not here.
    pub fn row(&self, index: usize) -> &'a [f32] {
        &self.values[(index - self.first) * self.width..][..self.width]
    }

    /// Rows `range` of the sequence, one after another.
    ///
    /// # Panics
    /// One of them is not here.
    pub fn rows(&self, range: Range<usize>) -> &'a [f32] {
        &self.values[(range.start - self.first) * self.width..(range.end - self.first) * self.width]
    }
}
