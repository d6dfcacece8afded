fn main() {
    let page: String = larder::fragment!();
    drop(page);
}
