use larder::cached;

struct User { id: f64 }

#[cached(key = "user:<user.id>")]
fn user(user: &User) -> f64 {
    user.id
}

fn main() {
    user(&User { id: 3.0 });
}
