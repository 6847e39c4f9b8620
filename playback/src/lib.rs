//! Chunks, reorder, pump, renderer and sinks for Sostenuto.
