use larder::cached;

#[cached(stale_while_revalidate = "1m", ignore(log))]
fn load(id: u64, log: &mut Vec<u64>) -> u64 {
    log.push(id);
    id
}

fn main() {
    let _ = load(3, &mut Vec::new());
}
