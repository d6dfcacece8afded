fn main() {
    let id = 7;
    let tag = larder::tag!("");
    drop((id, tag.name().len()));
}
