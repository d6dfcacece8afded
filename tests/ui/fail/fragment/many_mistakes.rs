fn main() {
    let id = 7;
    let page = larder::fragment!(key = "page:{id}", timeout = 0, tags("a:<"), { id.to_string() });
    drop(page);
}
