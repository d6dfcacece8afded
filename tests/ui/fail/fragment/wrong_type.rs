fn main() {
    let id = 7;
    let page = larder::fragment!(key = "page:<id>", -> String { id });
    drop(page);
}
