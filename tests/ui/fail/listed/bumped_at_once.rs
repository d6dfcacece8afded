use larder::{cached, invalidates};

#[cached]
fn user(id: u64) -> u64 {
    id
}

#[invalidates(user::all().bump()?)]
fn rename(id: u64) -> Result<(), larder::Error> {
    Ok(())
}

fn main() {
    let _ = rename(1);
}
