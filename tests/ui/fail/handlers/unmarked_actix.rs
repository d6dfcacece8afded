use larder::cached;

mod web {
    pub struct Json<T>(pub T);
}

#[cached(timeout = 60)]
async fn page(body: web::Json<u64>) -> String {
    body.0.to_string()
}

fn main() {
    drop(page(web::Json(1)));
}
