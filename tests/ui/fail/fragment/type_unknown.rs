fn main() {
    let id = 7;
    let page: Vec<u32> = larder::fragment!(key = "page:<id>", { vec![id].into_iter().collect() });
    drop(page);
}
