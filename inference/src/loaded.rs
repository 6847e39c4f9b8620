//! A session of the runtime together with the mapped file it reads its weights from.

use std::ops::{Deref, DerefMut};

use ort::session::Session;

use crate::mapped::Mapped;

/// A runtime's session. Where its weights lie in a mapped file, it keeps the file mapped.
pub(crate) struct Loaded {
    // Dropped in this order: the session reads from the bytes until its end.
    session: Session,
    _weights: Option<Mapped>,
}

impl Loaded {
    /// A session that owns all it needs.
    pub(crate) fn owning(session: Session) -> Self {
        Self { session, _weights: None }
    }

    /// A session that reads `weights`, which it was built from.
    pub(crate) fn reading(session: Session, weights: Mapped) -> Self {
        Self { session, _weights: Some(weights) }
    }
}

impl Deref for Loaded {
    type Target = Session;

    fn deref(&self) -> &Session {
        &self.session
    }
}

impl DerefMut for Loaded {
    fn deref_mut(&mut self) -> &mut Session {
        &mut self.session
    }
}
