//! How values become bytes in a shared tier.

use larder::cached;

#[cached(codec = json, key = "json:<id>")]
fn json(id: u64) -> Vec<String> {
    vec![id.to_string()]
}

#[cached(codec = raw, key = "raw:<id>")]
async fn raw(id: u64) -> Option<String> {
    Some(id.to_string())
}

#[cached(codec = msgpack, key = "msgpack:<id>", version = 2, jitter = 0.2)]
fn msgpack(id: u64) -> Result<u64, std::io::Error> {
    Ok(id)
}

fn main() {
    assert_eq!(json(1), ["1"]);
    assert_eq!(msgpack(2).unwrap(), 2);
    drop(raw(3));
}
