fn main() {
    let page = larder::fragment!(timeout = 60, { "page".to_owned() });
    drop(page);
}
