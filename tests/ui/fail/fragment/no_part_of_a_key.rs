fn main() {
    let ratio = 0.5;
    let page = larder::fragment!(key = "page:<ratio>", { 7 });
    drop(page);
}
