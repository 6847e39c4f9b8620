//! What is told of all that was measured.

use std::fmt::Write as _;
use std::path::Path;
use std::time::SystemTime;

use serde::{Deserialize, Serialize};
use sostenuto_benches::machine;
use sostenuto_stress::rfc3339;

use crate::child::Spoken;
use crate::floor::Floor;
use crate::rounds::{Measured, Outcome};
use crate::table::STOCK;

/// A row of the table. Medians over rounds.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Row {
    pub(crate) peer: String,
    pub(crate) title: String,
    pub(crate) from: String,
    /// 0 is as it comes.
    pub(crate) threads: usize,
    pub(crate) rtf: Option<f64>,
    /// To stock on as many threads, or on the most where it runs as it comes; the median of the ratios in each round.
    pub(crate) against_stock: Option<f64>,
    /// Milliseconds to the first audio of the long and of the short sentence.
    pub(crate) first_ms: [Option<f64>; 2],
    pub(crate) peak_mb: Option<f64>,
    pub(crate) absent: Option<String>,
}

/// All of it.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Report {
    pub(crate) machine: String,
    pub(crate) cores: usize,
    pub(crate) at: String,
    pub(crate) rows: Vec<Row>,
    pub(crate) floor: Floor,
    pub(crate) outcome: Outcome,
}

impl Report {
    pub(crate) fn of(outcome: &Outcome, floor: Floor) -> Self {
        let rows = outcome.all.iter().map(|measured| row(measured, &outcome.all)).collect();
        Self {
            machine: machine::processor(),
            cores: machine::cores(),
            at: rfc3339(SystemTime::now()),
            rows,
            floor,
            outcome: outcome.clone(),
        }
    }

    /// A page of it.
    pub(crate) fn markdown(&self) -> String {
        let mut page = String::new();
        let _ = writeln!(
            page,
            "{}, {} cores, {}. {} rounds, medians. Load before and after: {}; {}.\n",
            self.machine,
            self.cores,
            self.at,
            self.outcome.rounds,
            self.outcome.load[0],
            self.outcome.load[1]
        );
        page.push_str("| who speaks | from | threads | RTF | against stock | first audio, 15 words | 5 words | peak memory |\n");
        page.push_str("| --- | --- | --- | --- | --- | --- | --- | --- |\n");
        let cell = |value: Option<f64>, digits: usize, unit: &str| {
            value.map_or("-".to_owned(), |value| format!("{value:.digits$}{unit}"))
        };
        for row in self.rows.iter().filter(|row| row.absent.is_none()) {
            let threads = if row.threads == 0 { "as it comes".to_owned() } else { row.threads.to_string() };
            let _ = writeln!(
                page,
                "| {} | {} | {threads} | {} | {} | {} | {} | {} |",
                row.title,
                row.from,
                cell(row.rtf, 3, ""),
                cell(row.against_stock, 2, ""),
                cell(row.first_ms[0], 0, " ms"),
                cell(row.first_ms[1], 0, " ms"),
                cell(row.peak_mb, 0, " MB"),
            );
        }
        for on in &self.floor.on {
            let _ = writeln!(
                page,
                "| *the floor: {:.0} GFLOP/s of {}, measured* | | {} | {:.3}; in tiles {:.3} | | | | |",
                on.peak_gflops, self.floor.vectors, on.threads, on.straight, on.tiles
            );
        }
        for row in &self.rows {
            if let Some(reason) = &row.absent {
                let _ = writeln!(page, "\nNot measured: {}, {} threads: {reason}", row.title, row.threads);
            }
        }
        page
    }
}

impl Report {
    /// What is told in short: who runs on the most threads, with the plot in the file `plot`.
    pub(crate) fn short(&self, plot: &Path) -> String {
        let mut page = format!("{}, {} cores, {}:\n\n", self.machine, self.cores, self.at);
        page.push_str(
            "| who speaks | RTF | against stock | first audio, 15 words |\n| --- | --- | --- | --- |\n",
        );
        let most = self.rows.iter().map(|row| row.threads).max().unwrap_or(0);
        let told = self.rows.iter().filter(|row| row.threads == 0 || row.threads == most);
        for row in told {
            let (Some(rtf), Some(ratio), Some(first)) = (row.rtf, row.against_stock, row.first_ms[0]) else {
                continue;
            };
            let _ = writeln!(page, "| {} | {rtf:.3} | {ratio:.2} | {first:.0} ms |", row.title);
        }
        let _ = writeln!(
            page,
            "\n![seconds of work to a second of speech, and time to first audio]({})",
            plot.display()
        );
        page
    }
}

/// Where the table stands in a page.
const MARKS: [&str; 2] = ["<!-- peers: begin -->\n", "<!-- peers: end -->"];

/// The `page` with `table` between its marks, where it has them.
pub(crate) fn within(page: &str, table: &str) -> Option<String> {
    let (before, rest) = page.split_once(MARKS[0])?;
    let (_, after) = rest.split_once(MARKS[1])?;
    Some(format!("{before}{}\n{table}\n{}{after}", MARKS[0], MARKS[1]))
}

fn row(measured: &Measured, all: &[Measured]) -> Row {
    let rtf = |spoken: &Spoken| spoken.whole_s / spoken.audio_s;
    let of = |sentence: usize, value: fn(&Spoken) -> f64| {
        median(measured.spoken[sentence].iter().map(value).collect())
    };
    // The graph's own silence at both ends is work as well: audio is what was computed, and others trim it.
    let stock = all.iter().filter(|other| other.peer == STOCK);
    let stock = stock.filter(|other| measured.threads == 0 || other.threads == measured.threads);
    let ratios = stock.max_by_key(|other| other.threads).map(|stock| {
        let pairs = measured.spoken[0].iter().zip(&stock.spoken[0]);
        pairs.map(|(own, stock)| own.whole_s / stock.whole_s).collect::<Vec<f64>>()
    });
    Row {
        peer: measured.peer.clone(),
        title: measured.title.clone(),
        from: measured.from.clone(),
        threads: measured.threads,
        rtf: median(measured.spoken[0].iter().map(rtf).collect()),
        against_stock: ratios.and_then(median),
        first_ms: [of(1, |spoken| 1e3 * spoken.first_s), of(2, |spoken| 1e3 * spoken.first_s)],
        peak_mb: measured.peak_mb,
        absent: measured.absent.clone(),
    }
}

fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => None,
        count if count % 2 == 0 => Some(f64::midpoint(values[middle - 1], values[middle])),
        _ => Some(values[middle]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured(peer: &'static str, threads: usize, seconds: &[f64]) -> Measured {
        let spoken = |whole_s: f64| Spoken { whole_s, first_s: whole_s / 2.0, audio_s: 5.0, peak_mb: None };
        Measured {
            peer: peer.to_owned(),
            title: peer.to_owned(),
            from: "tokens".to_owned(),
            threads,
            spoken: vec![seconds.iter().map(|&s| spoken(s)).collect(); 3],
            peak_mb: None,
            absent: None,
        }
    }

    #[test]
    fn ratios_are_made_within_a_round_against_stock_on_as_many_threads() {
        let all = [
            measured(STOCK, 1, &[4.0, 8.0, 4.0]),
            measured(STOCK, 2, &[2.0, 4.0, 2.0]),
            measured("fused", 2, &[1.0, 2.0, 1.2]),
            measured("as-it-comes", 0, &[2.0, 4.0, 2.0]),
        ];
        let rows: Vec<Row> = all.iter().map(|one| row(one, &all)).collect();
        assert_eq!(
            rows.iter().map(|row| row.against_stock).collect::<Vec<_>>(),
            [1.0, 1.0, 0.5, 1.0].map(Some)
        );
        assert_eq!((rows[2].rtf, rows[2].first_ms), (Some(0.24), [Some(600.0); 2]));
    }

    #[test]
    fn a_table_takes_the_place_of_the_one_before_and_a_page_without_marks_takes_none() {
        let page = format!("# A\n{}old\n{}\nend\n", MARKS[0], MARKS[1]);
        let new = within(&page, "| new |").unwrap();
        assert_eq!(new, format!("# A\n{}\n| new |\n{}\nend\n", MARKS[0], MARKS[1]));
        assert_eq!(within(&new, "| new |").as_ref(), Some(&new));
        assert_eq!(within("# A", "| new |"), None);
    }

    #[test]
    fn the_median_of_two_is_between_them_and_of_none_nothing() {
        assert_eq!((median(vec![3.0, 1.0]), median(vec![])), (Some(2.0), None));
    }
}
