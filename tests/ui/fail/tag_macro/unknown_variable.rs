fn main() {
    let id = 7;
    let tag = larder::tag!("team:<idd>");
    drop((id, tag.name().len()));
}
