use larder::cached;

#[cached(tags("<self.tenant>"))]
fn square(x: u64) -> u64 {
    x * x
}

fn main() {
    square(3);
}
