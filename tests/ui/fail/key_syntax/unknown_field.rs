use larder::cached;

struct User { id: u64 }

#[cached(key = "user:<user.nmae>")]
fn user(user: &User) -> u64 {
    user.id
}

fn main() {
    user(&User { id: 3 });
}
