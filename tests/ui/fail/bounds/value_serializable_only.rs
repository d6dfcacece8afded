use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
struct User(u64);

#[larder::cached]
fn user(id: u64) -> Result<Option<User>, String> {
    Ok(Some(User(id)))
}

fn main() {
    let _user = user(1);
}
