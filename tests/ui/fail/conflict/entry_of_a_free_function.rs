use larder::cached;

#[cached(entry = square_entry)]
fn square(x: u64) -> u64 {
    x * x
}

fn main() {
    square(3);
}
