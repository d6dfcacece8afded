use larder::invalidates;

#[invalidates(user::all())]
struct User;

fn main() {
    let _ = User;
}
