use larder::cached;

#[cached(axum)]
fn page() -> &'static str {
    "page"
}

fn main() {
    page();
}
