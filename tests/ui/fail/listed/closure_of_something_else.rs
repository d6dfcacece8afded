use larder::{cached, invalidates};

#[cached]
fn user(id: u64) -> u64 {
    id
}

#[invalidates(|name| name.clone())]
async fn rename(id: u64) -> String {
    id.to_string()
}

fn main() {
    drop(rename(1));
}
