fn main() {
    let id = 7;
    let tag = larder::tag!(format!("team:{id}"));
    drop((id, tag.name().len()));
}
