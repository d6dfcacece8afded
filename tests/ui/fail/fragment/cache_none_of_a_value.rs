fn main() {
    let page = larder::fragment!(key = "page", cache_none, { 7 });
    drop(page);
}
