fn main() {
    let id = 7;
    let tag = larder::tag!("team:<id>", cache = larder::cache(), cache = larder::cache());
    drop((id, tag.name().len()));
}
