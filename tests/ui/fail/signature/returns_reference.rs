use larder::cached;

#[cached]
fn first(names: &[String]) -> &str {
    &names[0]
}

fn main() {
    first(&[String::new()]);
    let _ = first::entry(&[]).key();
}
