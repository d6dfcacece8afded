fn find() -> Result<u32, std::num::ParseIntError> {
    let text = "7";
    let number = larder::fragment!(key = "page:<text>", { text.parse::<u32>()? });
    Ok(number)
}

fn main() {
    let page = find();
    drop(page);
}
