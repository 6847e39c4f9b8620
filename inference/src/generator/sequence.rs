//! Rows of a sequence that are still needed.

use crate::kernels::Rows;

/// The rows `first..end` of a sequence that grows at its end and is forgotten at its beginning.
#[derive(Debug)]
pub(super) struct Sequence {
    values: Vec<f32>,
    width: usize,
    first: usize,
    end: usize,
}

impl Sequence {
    /// Without any row yet, and without memory for one.
    pub(super) fn new(width: usize) -> Self {
        Self { values: Vec::new(), width, first: 0, end: 0 }
    }

    /// Starts again at row 0, with room for `rows` rows at a time.
    pub(super) fn restart(&mut self, rows: usize) {
        (self.first, self.end) = (0, 0);
        let wanted = rows * self.width;
        if self.values.len() < wanted {
            // Fresh zeros, which the system hands out only when they are touched.
            self.values = vec![0.0; wanted];
        }
    }

    /// The row that comes next.
    pub(super) fn end(&self) -> usize {
        self.end
    }

    /// The rows that are here.
    pub(super) fn rows(&self) -> Rows<'_> {
        let length = (self.end - self.first) * self.width;
        Rows { values: &self.values[..length], width: self.width, first: self.first }
    }

    /// The floats from the beginning of row `row` on.
    pub(super) fn tail(&self, row: usize) -> &[f32] {
        &self.values[(row - self.first) * self.width..(self.end - self.first) * self.width]
    }

    /// Rows from `row` on, to be changed.
    pub(super) fn tail_mut(&mut self, row: usize) -> &mut [f32] {
        &mut self.values[(row - self.first) * self.width..(self.end - self.first) * self.width]
    }

    /// Adds rows up to `end`, and hands them out to be written; what they hold is what was there before.
    pub(super) fn extend(&mut self, end: usize) -> &mut [f32] {
        let start = (self.end - self.first) * self.width;
        self.end = self.end.max(end);
        let length = (self.end - self.first) * self.width;
        if self.values.len() < length {
            self.values.resize(length, 0.0);
        }
        &mut self.values[start..length]
    }

    /// Adds rows of zeros up to `end`.
    pub(super) fn extend_zeros(&mut self, end: usize) {
        self.extend(end).fill(0.0);
    }

    /// Forgets the rows before `row`.
    pub(super) fn forget(&mut self, row: usize) {
        let row = row.min(self.end);
        if row > self.first {
            let kept = (row - self.first) * self.width..(self.end - self.first) * self.width;
            self.values.copy_within(kept, 0);
            self.first = row;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_keep_their_place_when_earlier_ones_are_forgotten() {
        let mut sequence = Sequence::new(2);
        sequence.restart(4);
        sequence.extend(3).copy_from_slice(&[0.0, 0.5, 1.0, 1.5, 2.0, 2.5]);
        sequence.forget(2);
        assert_eq!((sequence.rows().range(), sequence.end()), (2..3, 3));
        sequence.extend(5).copy_from_slice(&[3.0, 3.5, 4.0, 4.5]);
        assert_eq!(sequence.rows().row(4), [4.0, 4.5]);
        assert_eq!(sequence.tail(3), [3.0, 3.5, 4.0, 4.5]);
        sequence.restart(1);
        assert_eq!(sequence.rows().range(), 0..0);
    }
}
