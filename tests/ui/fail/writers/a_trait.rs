use larder::invalidates;

#[invalidates(user::all())]
trait Rename {
    fn rename(&self);
}

fn main() {}
