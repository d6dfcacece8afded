use larder::cached;

#[cached(status(200, 404), max_body = "1MiB", browser = 30, cdn = 300)]
async fn page(id: u64) -> String {
    id.to_string()
}

fn main() {
    drop(page(1));
}
