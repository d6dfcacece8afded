use axum::extract::Request;
use larder::cached;

#[cached(axum, stale_while_revalidate = "30s")]
async fn page(request: Request) -> String {
    request.uri().to_string()
}

fn main() {
    let _ = axum::routing::get::<_, _, ()>(page);
}
