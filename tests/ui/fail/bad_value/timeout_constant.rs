use larder::cached;

const TTL: u64 = 60;

#[cached(timeout = TTL)]
fn square(x: u64) -> u64 {
    x * x
}

fn main() {
    square(3);
}
