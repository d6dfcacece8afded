fn main() {
    let side = larder::fragment::Fragment::new("side").with(0.5);
    drop(side);
}
