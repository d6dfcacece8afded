fn main() {
    let name = "ann".to_owned();
    let name = &name;
    let page = larder::fragment!(key = "page:<name>", stale_while_revalidate = 60, move { name.to_owned() });
    drop(page);
}
