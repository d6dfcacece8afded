//! Handlers of axum that invalidate: whether they have succeeded is in their responses.

use axum_core::response::{IntoResponse, Response};

/// The response that a handler's output stands for.
#[doc(hidden)]
pub fn answered<R: IntoResponse>(output: R) -> Response {
    output.into_response()
}

/// Does it say that something was done (RFC 9111 section 4.4: it is no error)?
#[doc(hidden)]
#[must_use]
pub fn accepted(response: &Response) -> bool {
    let status = response.status();
    status.is_success() || status.is_redirection()
}
