use larder::cached;

#[cached(tags("team:<pair.team>"))]
fn square(pair: (u64, u64)) -> u64 {
    pair.0
}

fn main() {
    square((3, 4));
}
