use larder::cached;

#[cached(key = "user:<usre>")]
fn user(user: u64) -> u64 {
    user
}

fn main() {
    user(3);
}
