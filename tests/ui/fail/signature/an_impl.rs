use larder::cached;

struct User;

#[cached]
impl User {}

fn main() {}
