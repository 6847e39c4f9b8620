//! The public API of Sostenuto: three stages on their own threads, joined by bounded rings.
