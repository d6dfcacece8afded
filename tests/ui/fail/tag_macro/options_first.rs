use larder::{Cache, tag};

fn invalidate(cache: &Cache, id: u64) -> Result<(), larder::Error> {
    tag!(cache = cache, "team:<id>").blocking().invalidate()
}

fn main() {
    invalidate(&larder::cache(), 1).unwrap();
}
