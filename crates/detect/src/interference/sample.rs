//! Generated measurements, for demonstrations, benches and tests.
