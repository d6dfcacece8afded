fn main() {
    let id = 7;
    let page: String = larder::fragment!(key = "page:<id>", timeout = 60, id.to_string());
    drop(page);
}
