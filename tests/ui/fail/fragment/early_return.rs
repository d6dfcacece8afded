fn main() {
    let id = 7;
    let page = larder::fragment!(key = "page:<id>", {
        if id == 7 {
            return 1;
        }
        2
    });
    drop(page);
}
