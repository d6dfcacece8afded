fn main() {
    let page = larder::fragment!(key = "page:<idd>", { 7 });
    drop(page);
}
