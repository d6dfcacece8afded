fn main() {
    let id = 7;
    let page = larder::fragment!(key = "page:<id>", time_out = 60, { id.to_string() });
    drop(page);
}
