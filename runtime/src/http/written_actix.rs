//! Handlers of actix-web that invalidate: whether they have succeeded is in their responses.

use actix_web::{HttpRequest, HttpResponse, Responder};

/// The response that a handler's output stands for.
#[doc(hidden)]
pub fn answered<R: Responder>(request: &HttpRequest, output: R) -> HttpResponse
where
    R::Body: 'static,
{
    output.respond_to(request).map_into_boxed_body()
}

/// Does it say that something was done (RFC 9111 section 4.4: it is no error)?
#[doc(hidden)]
#[must_use]
pub fn accepted(response: &HttpResponse) -> bool {
    let status = response.status();
    status.is_success() || status.is_redirection()
}
