use larder::{cached, invalidates};

#[cached]
fn user(id: u64) -> u64 {
    id
}

#[invalidates(|made| user::entry(made.len() as u64 + name.len() as u64))]
async fn create(name: String) -> String {
    name
}

fn main() {
    drop(create(String::new()));
}
