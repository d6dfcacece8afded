//! What every store has to do, as tests.
