use larder::{cached, invalidates};

#[cached]
fn user(id: u64) -> u64 {
    id
}

#[invalidates(user::entry(made.0))]
fn create(name: &str) -> (u64,) {
    let made = (name.len() as u64,);
    made
}

fn main() {
    create("a");
}
