use larder::cached;

#[cached]
struct User;

fn main() {}
