use larder::cached;

#[cached]
fn make<T: Default>(id: u64) -> T {
    let _ = id;
    T::default()
}

fn main() {
    make::<u64>(3);
}
