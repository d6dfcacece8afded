use larder::cached;

struct State<T>(T);

#[cached(axum)]
async fn page(State(user): State<u64>) -> String {
    user.to_string()
}

fn main() {
    drop(page::entry());
}
