use larder::cached;

#[cached(key = "square:<x>", tags("team:<team>"))]
fn square(x: u64, team: u64) -> u64 {
    x * team
}

fn main() {
    square(3, 4);
}
