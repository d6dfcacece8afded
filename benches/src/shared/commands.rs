//! What the server does for an operation: the commands that it counts, and its time.

use larder_kit::Server;

use crate::report::short;

/// What the kit itself asks.
const OWN: [&str; 3] = ["info", "config|resetstat", "auth"];

/// The commands of each of so many operations, as text; what one process asks once in a second is too little to be named.
pub(super) fn counted(server: &Server, operations: u64, run: impl FnOnce()) -> String {
    server.reset_stats();
    run();
    let each = server.commandstats().into_iter().filter(|(name, _)| !OWN.contains(&name.as_str()));
    let texts: Vec<String> = each
        .map(|(name, calls)| (name, calls as f64 / operations as f64))
        .filter(|(_, calls)| *calls >= 0.01)
        .map(|(name, calls)| format!("`{}` {}", name.to_uppercase(), short(calls)))
        .collect();
    texts.join(", ")
}

/// Microseconds of the server's processor for each of so many operations.
pub(super) fn processor(server: &Server, operations: u64, run: impl FnOnce()) -> f64 {
    let seconds = || -> f64 {
        let fields = ["used_cpu_user", "used_cpu_sys"].map(|field| server.info(field));
        fields.iter().map(|field| field.parse::<f64>().expect("a number of seconds")).sum()
    };
    let before = seconds();
    run();
    (seconds() - before) * 1e6 / operations as f64
}

/// How often the server has read from a connection for each of so many operations of one task: each request that waits for its answer is
/// read at once.
pub(super) fn requests(server: &Server, operations: u64, run: impl FnOnce()) -> f64 {
    let reads = || -> f64 { server.info("total_reads_processed").parse().expect("a number") };
    let before = reads();
    run();
    // The questions themselves are among them.
    (reads() - before) / operations as f64
}
