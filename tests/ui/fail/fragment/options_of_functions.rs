fn main() {
    let id = 7;
    let page = larder::fragment!(key = "page:<id>", ignore(id), batch, chunk = 5, entry = page, axum, timeout = 60, {
        id.to_string()
    });
    drop(page);
}
