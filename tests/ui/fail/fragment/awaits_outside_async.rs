async fn page() -> u32 {
    let id = 7;
    larder::fragment!(key = "page:<id>", { std::future::ready(id).await })
}

fn main() {
    drop(page());
}
