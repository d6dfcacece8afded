#[larder::cached(timeout = 60, key = "document:<id>")]
fn document((tenant, id): (u64, u64)) -> u64 {
    tenant + id
}

fn main() {}
