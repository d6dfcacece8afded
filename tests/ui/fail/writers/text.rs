use larder::{cached, invalidates};

#[cached]
fn user(id: u64) -> u64 {
    id
}

#[invalidates(user::entry(id), "team:<team_id>")]
fn rename(id: u64, team_id: u64) {
    user(team_id);
}

fn main() {
    rename(1, 7);
}
