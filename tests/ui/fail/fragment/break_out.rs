fn main() {
    loop {
        larder::fragment!(key = "page", { break });
    }
}
