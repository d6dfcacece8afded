use larder::cached;

#[cached]
fn square(x: u64) -> () {
    println!("{x}");
}

fn main() {
    square(3);
}
