//! Where larder says what no return value can: to `tracing` with the feature of that name, else to standard error.

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
