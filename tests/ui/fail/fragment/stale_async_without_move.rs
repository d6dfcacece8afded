fn main() {
    let id = 7;
    let page = larder::fragment!(key = "page:<id>", early = 0.5, async { id.to_string() });
    drop(page);
}
