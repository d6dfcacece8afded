fn main() {
    let ratio = 0.5;
    let _tag = larder::tag!("team:<ratio>");
}
