use larder::cached;

struct Api;

impl Api {
    #[cached(axum, ignore(self))]
    async fn page(&self) -> &'static str {
        "page"
    }
}

fn main() {
    drop(Api.page());
}
