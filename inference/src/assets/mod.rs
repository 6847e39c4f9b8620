//! Models and libraries: where they come from and where they are kept.
