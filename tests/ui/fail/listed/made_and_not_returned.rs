use larder::{cached, invalidates};

#[cached]
fn user(id: u64) -> u64 {
    id
}

#[invalidates(user::entry(made))]
fn create(name: &str) {
    let made = name.len() as u64;
    println!("{made}");
}

fn main() {
    create("a");
}
