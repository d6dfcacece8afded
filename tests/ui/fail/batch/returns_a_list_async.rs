use larder::cached;

#[cached(batch)]
async fn rows(ids: &[u64]) -> Result<Vec<u64>, String> {
    Ok(ids.to_vec())
}

fn main() {
    drop(rows(&[3]));
}
