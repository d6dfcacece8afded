#![deny(unused_must_use)]

async fn page() {
    larder::fragment!(key = "page", async { 7 });
}

fn main() {
    drop(page());
}
