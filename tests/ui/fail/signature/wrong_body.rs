use larder::cached;

#[cached]
fn square(x: u64) -> u64 {
    x.to_string()
}

fn main() {
    square(3);
}
