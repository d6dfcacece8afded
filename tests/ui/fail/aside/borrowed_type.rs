use larder::cached;

struct Context<'a>(&'a u64);

#[cached(early = 0.8, ignore(context))]
fn load(context: Context<'_>) -> u64 {
    *context.0
}

fn main() {
    let _ = load(Context(&3));
}
