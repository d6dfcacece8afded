use larder::{cached, invalidates};

#[cached]
fn user(id: u64) -> u64 {
    id
}

struct Index<'a>(&'a str);

impl larder::Invalidate for Index<'_> {
    async fn apply(self) -> Result<(), larder::Error> {
        Ok(())
    }
}

#[invalidates(user::all(), Index(&name))]
fn rename(name: String) -> String {
    name
}

fn main() {
    rename("a".into());
}
