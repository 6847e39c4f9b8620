//! Tests that cross the rooms of Sostenuto.
