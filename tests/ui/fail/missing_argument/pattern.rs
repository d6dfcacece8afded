use larder::cached;

#[cached(key = "square:<x>:<y>")]
fn square((x, y): (u64, u64), z: u64) -> u64 {
    x * y * z
}

fn main() {
    square((3, 4), 5);
}
