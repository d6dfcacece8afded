fn main() {
    let id = 7;
    let tag = larder::tag!("team:<id>", cache = id);
    drop((id, tag.name().len()));
}
