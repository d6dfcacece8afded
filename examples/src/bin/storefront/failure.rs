//! What a handler answers when it has no page to show.

use axum::extract::State;
use axum::extract::rejection::{FormRejection, PathRejection, QueryRejection};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use minijinja::context;

use crate::db::DbError;
use crate::pages::Shop;

/// Travels on the response as an extension; [`explain`] makes a page of it.
#[derive(Debug, Clone)]
pub(crate) enum Failure {
    NotFound,
    BadRequest(String),
    Forbidden,
    Internal(String),
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let status = match &self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::BadRequest(_) => StatusCode::BAD_REQUEST,
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::Internal(reason) => {
                // The visitor learns that something failed, the operator learns what.
                eprintln!("storefront: {reason}");
                StatusCode::INTERNAL_SERVER_ERROR
            }
        };
        let mut response = status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// Gives a response that carries a [`Failure`] its page.
pub(crate) async fn explain(State(shop): State<Shop>, response: Response) -> Response {
    let Some(failure) = response.extensions().get::<Failure>() else {
        return response;
    };
    let (title, text) = match failure {
        Failure::NotFound => ("Not on our shelves", "There is no page at this address."),
        Failure::BadRequest(reason) => ("That did not make sense", reason.as_str()),
        Failure::Forbidden => ("Not from there", "Prices can only be changed from the shop's own pages."),
        Failure::Internal(_) => {
            ("Something broke", "The shop can't answer right now. The terminal it runs in says why.")
        }
    };
    match shop.view.render("trouble.html", context! { title, text }) {
        Ok(page) => (response.status(), page).into_response(),
        Err(error) => {
            eprintln!("storefront: {error:#}");
            response
        }
    }
}

impl From<DbError> for Failure {
    fn from(error: DbError) -> Self {
        Self::Internal(error.to_string())
    }
}

impl From<larder::Error> for Failure {
    fn from(error: larder::Error) -> Self {
        Self::Internal(error.to_string())
    }
}

impl From<minijinja::Error> for Failure {
    fn from(error: minijinja::Error) -> Self {
        Self::Internal(format!("{error:#}"))
    }
}

impl From<PathRejection> for Failure {
    fn from(_: PathRejection) -> Self {
        Self::NotFound
    }
}

impl From<QueryRejection> for Failure {
    fn from(rejection: QueryRejection) -> Self {
        Self::BadRequest(rejection.body_text())
    }
}

impl From<FormRejection> for Failure {
    fn from(rejection: FormRejection) -> Self {
        Self::BadRequest(rejection.body_text())
    }
}
