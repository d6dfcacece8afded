use larder::invalidates;

trait Rename {
    #[invalidates(user::all())]
    fn rename(&self);
}

fn main() {}
