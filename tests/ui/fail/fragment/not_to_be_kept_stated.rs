fn main() {
    let id = 7;
    let page = larder::fragment!(key = "page:<id>", -> std::rc::Rc<u32> { std::rc::Rc::new(id) });
    drop(page);
}
