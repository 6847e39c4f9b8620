//! A report as one page that needs nothing but a browser: no network, no other files.

mod charts;
mod document;
mod index;
mod page;
pub mod plot;
mod section;

pub use document::document;
pub use page::page;

#[cfg(test)]
mod tests;
