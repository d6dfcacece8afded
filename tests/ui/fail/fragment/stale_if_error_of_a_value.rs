fn main() {
    let page = larder::fragment!(key = "page", stale_if_error = 60, { 7 });
    drop(page);
}
