//! Where larder says what no return value can: to `tracing` with the feature of that name, else to standard error.

/// What helps to understand a program, and is no reason to do anything: for `tracing` alone.
#[cfg(feature = "redis")]
pub(crate) fn debug(message: &str) {
    #[cfg(feature = "tracing")]
    tracing::debug!(target: "larder", "{message}");
    #[cfg(not(feature = "tracing"))]
    let _: &str = message;
}

pub(crate) fn warning(message: &str) {
    #[cfg(feature = "tracing")]
    tracing::warn!(target: "larder", "{message}");
    #[cfg(not(feature = "tracing"))]
    {
        use std::io::Write;
        // A closed standard error is no reason to fail.
        let _written = writeln!(std::io::stderr(), "larder: {message}");
    }
}
