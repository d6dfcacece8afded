use larder::cached;

#[cached(batch)]
fn rows(ids: &[u64]) -> Vec<u64> {
    ids.to_vec()
}

fn main() {
    let _ = rows(&[3]);
}
