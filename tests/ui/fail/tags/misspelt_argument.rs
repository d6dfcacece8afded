use larder::cached;

#[cached(tags("team:<taem_id>"))]
fn square(team_id: u64) -> u64 {
    team_id
}

fn main() {
    square(3);
}
