fn main() {
    let id = 7;
    let page = larder::fragment!(key = "page:<id>", async -> String { id });
    drop(page);
}
