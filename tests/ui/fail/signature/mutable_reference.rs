use larder::cached;

#[cached]
fn square(x: &mut u64) -> u64 {
    *x * *x
}

fn main() {
    square(&mut 3);
}
