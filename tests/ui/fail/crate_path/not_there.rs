use larder::cached;

#[cached(crate = ::lager)]
fn square(x: u64) -> u64 {
    x * x
}

fn main() {
    square(3);
}
