use larder::{cached, invalidates};

#[cached]
fn user(id: u64) -> u64 {
    id
}

#[invalidates(user::all())]
fn rename() -> ! {
    std::process::exit(0)
}

fn main() {
    rename();
}
