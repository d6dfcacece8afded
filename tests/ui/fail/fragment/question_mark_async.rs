async fn page() -> Option<u32> {
    let id = 7;
    let page = larder::fragment!(key = "page:<id>", async { Some(id)? }).await;
    Some(page)
}

fn main() {
    drop(page());
}
