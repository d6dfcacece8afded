use larder::cached;

#[cached]
fn square(x: u64) -> ! {
    panic!("{x}");
}

fn main() {}
