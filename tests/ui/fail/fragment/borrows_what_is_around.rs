fn main() {
    let name = "ann".to_owned();
    let page: &str = larder::fragment!(key = "page:<name>", { name.as_str() });
    println!("{page}");
}
