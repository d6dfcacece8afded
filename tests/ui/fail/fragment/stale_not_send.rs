fn main() {
    let name = std::rc::Rc::new(7);
    let page = larder::fragment!(key = "page:<name>", stale_while_revalidate = 60, move { *name });
    drop(page);
}
