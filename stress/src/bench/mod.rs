//! How fast an engine speaks: texts spoken again and again, and what that took.
//!
//! ```text
//! plan: texts, pace, trials, streams --> trials --> percentiles --> report (JSON), page (HTML), table
//!                                                              \-> history: a line per run --> regressions
//! ```
//!
//! A [`Bench`] measures an [`Engine`](sostenuto_engine::Engine) that it is handed. All else here is a pure function of
//! what was measured.

mod blocks;
mod entry;
mod history;
mod interrupt;
mod measure;
mod metric;
mod page;
mod percentiles;
mod plan;
mod preset;
mod process;
mod regression;
mod report;
mod table;
mod trial;

pub use blocks::Gaps;
pub use entry::{Entry, Medians};
pub use history::{History, HistoryError};
pub use interrupt::Interrupt;
pub use measure::{Bench, BenchError, Measured, Told};
pub use metric::Metric;
pub use page::page;
pub use percentiles::Percentiles;
pub use plan::{BenchText, Pace, Plan, Speaker};
pub use preset::{Preset, UnknownPreset};
pub use regression::{Comparison, Judged, Regression, compare};
pub use report::{Configuration, Report, SCHEMA, SessionReady, SessionSetting, TextReport};
pub use table::table;
pub use trial::{Heard, Trial};
