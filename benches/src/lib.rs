//! Benchmarks of Sostenuto.
