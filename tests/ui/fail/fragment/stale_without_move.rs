fn main() {
    let id = 7;
    let page = larder::fragment!(key = "page:<id>", stale_while_revalidate = 60, { id.to_string() });
    drop(page);
}
