struct Team {
    id: u64,
}

fn main() {
    let team = Team { id: 7 };
    let _tag = larder::tag!("team:<team.idd>");
    let _ = team.id;
}
