use larder::cached;

#[cached]
async fn square(x: u64) -> u64 {
    x.to_string()
}

fn main() {
    drop(square(3));
}
