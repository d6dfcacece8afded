use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use larder::cached;

struct Member;

impl<S: Sync> FromRequestParts<S> for Member {
    type Rejection = ();

    async fn from_request_parts(_: &mut Parts, _: &S) -> Result<Self, ()> {
        Ok(Self)
    }
}

#[cached(axum, key = "page:<id>")]
async fn page(_member: Member, Path(id): Path<u64>) -> String {
    id.to_string()
}

fn main() {
    drop(page::entry(1));
}
