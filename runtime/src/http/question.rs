//! Asks a service for a page.

use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body::Body;
use tower_service::Service;

use super::answer::Answer;
use super::body::CachedBody;
use super::message;
use super::meta::{Meta, Passes};
use super::not_stored::NotStored;
use super::request::without_conditions;
use super::variants::Wanted;

/// What a service gives.
pub(crate) type Outcome<RB, E> = Result<Response<CachedBody<RB>>, E>;

/// Something that is there once, for whoever is first.
#[derive(Debug)]
pub(crate) struct Once<T>(Arc<Mutex<Option<T>>>);

impl<T> Once<T> {
    pub(crate) fn new(value: Option<T>) -> Self {
        Self(Arc::new(Mutex::new(value)))
    }

    pub(crate) fn take(&self) -> Option<T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn put(&self, value: T) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(value);
    }
}

impl<T> Clone for Once<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

/// A service and the request that it is to be given.
pub(crate) type Asked<S, B> = Once<(S, Request<B>)>;

/// What making a page needs besides the service.
pub(crate) struct Making<RB: Body, E> {
    pub(crate) meta: Meta,
    pub(crate) variant: Option<Wanted>,
    /// What the service has said of a failure: it is the answer if the page that stands in for it was made for other requests.
    pub(crate) failure: Once<Outcome<RB, E>>,
}

impl<RB: Body<Data = Bytes>, E> Making<RB, E> {
    /// Asks the service.
    pub(crate) async fn ask<S, B>(self, asked: Option<(S, Request<B>)>) -> Answer<Outcome<RB, E>>
    where
        S: Service<Request<B>, Response = Response<RB>, Error = E>,
    {
        // Nobody else has taken it: a load runs its body once.
        let Some((mut inner, request)) = asked else {
            return Answer::Failed(Ok(status(StatusCode::BAD_GATEWAY)), None);
        };
        let Self { meta, variant, failure } = self;
        let mut meta = meta.begun();
        let variant = variant.map(|wanted| wanted.admit(meta.cache.clock().now()));
        if matches!(variant, Some(None)) {
            meta.passes = Some(Passes::Because(NotStored::Vary));
        }
        let failed = |outcome, code| {
            failure.put(outcome);
            Answer::Failed(Ok(status(StatusCode::BAD_GATEWAY)), code)
        };
        let response = match inner.call(without_conditions(request)).await {
            Err(error) => return failed(Err(error), None),
            Ok(response) => response,
        };
        match message::keep(meta.clone(), response, false).await {
            Answer::Page(page, origin) => {
                if let Some(admitted) = variant.flatten() {
                    admitted.keep(meta.end(&page));
                }
                Answer::Page(page, origin)
            }
            Answer::Live(response, reason) => Answer::Live(Ok(response), reason),
            Answer::Failed(response, code) => failed(Ok(response), code),
        }
    }
}

/// A response of the cache's own.
pub(crate) fn status<RB: Body<Data = Bytes>>(status: StatusCode) -> Response<CachedBody<RB>> {
    let mut response = Response::new(CachedBody::whole(Bytes::new()));
    *response.status_mut() = status;
    response
}
