fn main() {
    let id = 7;
    let tag = larder::tag!("team:{}", id);
    drop((id, tag.name().len()));
}
