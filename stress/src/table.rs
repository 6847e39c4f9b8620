//! Text in columns.

use std::fmt::Write as _;

/// How a column's cells stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// At the left: words.
    Left,
    /// At the right: numbers.
    Right,
}

/// Text in columns that are as wide as their widest cell, two spaces apart. No line ends in spaces.
#[derive(Clone, Debug)]
pub struct Table {
    sides: Vec<Side>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table with these columns under these heads.
    pub fn new(columns: &[(&str, Side)]) -> Self {
        Self {
            sides: columns.iter().map(|(_, side)| *side).collect(),
            rows: vec![columns.iter().map(|(head, _)| (*head).to_owned()).collect()],
        }
    }

    /// Adds a row. Cells that are missing are empty, and those that are too many are left out.
    pub fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        let mut cells: Vec<String> = cells.into_iter().collect();
        cells.resize(self.sides.len(), String::new());
        self.rows.push(cells);
    }

    /// Whether there is nothing under the heads.
    pub fn is_empty(&self) -> bool {
        self.rows.len() == 1
    }

    /// It as lines, each behind `indent`.
    pub fn text(&self, indent: &str) -> String {
        let widths: Vec<usize> = (0..self.sides.len())
            .map(|column| self.rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0))
            .collect();
        let mut out = String::new();
        for row in &self.rows {
            let mut line = String::from(indent);
            for ((cell, side), width) in row.iter().zip(&self.sides).zip(&widths) {
                // Writing into a string cannot fail.
                let _ = match side {
                    Side::Left => write!(line, "{cell:<width$}  "),
                    Side::Right => write!(line, "{cell:>width$}  "),
                };
            }
            out.push_str(line.trim_end());
            out.push('\n');
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let mut table = Table::new(&[("name", Side::Left), ("ms", Side::Right)]);
        assert!(table.is_empty());
        table.row(["a".to_owned(), "1,240".to_owned()]);
        table.row(["µ-longer".to_owned()]);
        assert_eq!(table.text("  "), "  name         ms\n  a         1,240\n  µ-longer\n");
    }
}
