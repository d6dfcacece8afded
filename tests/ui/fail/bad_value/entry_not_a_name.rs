use larder::cached;

#[cached(entry = "user_entry")]
fn square(x: u64) -> u64 {
    x * x
}

fn main() {
    square(3);
}
