//! Models and libraries: where they come from and where they are kept.
//!
//! A [`Manifest`] pins every file by size and SHA-256, a [`Cache`] is the folder that holds them, [`fetch`] brings
//! what is missing. Whatever a source sends, a file gets its name in the cache only after its digest was compared,
//! so a file that is there under its name is whole; [`Cache::require`] is how a session asks for one.
//!
//! Nothing here keeps a file up to date: another version is another manifest.

mod cache;
mod client;
mod derived;
mod digest;
mod error;
mod fetch;
mod https;
mod inventory;
mod lock;
mod manifest;
mod package;
mod partial;
mod progress;
mod stamp;

pub use cache::{Cache, State};
pub use client::Clients;
pub use digest::Digest;
pub use error::{AssetError, Attempt, SourceError};
pub use fetch::{FetchOptions, FetchReport, fetch};
pub use https::Timeouts;
pub use inventory::{Checked, Row, list, verify};
pub use manifest::{Entry, Manifest, Part, Platform, Set, Source};
pub use progress::{Progress, Silent};
