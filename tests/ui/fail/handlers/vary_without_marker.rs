use larder::cached;

#[cached(timeout = 60, vary = ["accept-language"])]
async fn page(id: u64) -> String {
    id.to_string()
}

fn main() {
    drop(page(1));
}
