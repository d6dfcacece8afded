use larder::{cached, invalidates};

struct Users;

impl Users {
    #[cached(key = "user:<id>", ignore(self))]
    fn user(&self, id: u64) -> String {
        id.to_string()
    }

    #[invalidates(Self::user::all())]
    fn rename(&self, id: u64) {}
}

fn main() {
    Users.rename(1);
}
