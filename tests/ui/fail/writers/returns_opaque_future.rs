use larder::{cached, invalidates};

#[cached]
fn user(id: u64) -> u64 {
    id
}

#[invalidates(user::all())]
fn rename(_: u64) -> impl Future<Output = ()> {
    async {}
}

fn main() {
    drop(rename(1));
}
