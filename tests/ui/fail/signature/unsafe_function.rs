use larder::cached;

#[cached]
unsafe fn square(x: u64) -> u64 {
    x * x
}

fn main() {
    unsafe { square(3) };
}
