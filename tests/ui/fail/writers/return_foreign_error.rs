use larder::{cached, invalidates};

#[cached]
fn user(id: u64) -> u64 {
    id
}

#[invalidates(user::entry(id), on_error = return)]
async fn rename(id: u64) -> Result<(), std::fmt::Error> {
    Ok(())
}

fn main() {
    drop(rename(1));
}
