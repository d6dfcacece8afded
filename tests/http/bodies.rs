//! Bodies: which are stored, and how those that are not come through.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::task::{Context, Poll};

use axum::body::Body;
use axum::http::Request;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http_body::{Body as _, Frame, SizeHint};
use larder::http::CacheLayer;
use tower::{Layer, ServiceExt};

use crate::app::{App, request};
use crate::support::timed;

/// A body that gives these frames, and says that it is this long.
struct Frames {
    frames: Vec<Result<Frame<Bytes>, std::io::Error>>,
    length: Option<u64>,
}

impl http_body::Body for Frames {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
        let next = (!self.frames.is_empty()).then(|| self.frames.remove(0));
        Poll::Ready(next)
    }

    fn is_end_stream(&self) -> bool {
        self.frames.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        self.length.map(SizeHint::with_exact).unwrap_or_default()
    }
}

#[expect(clippy::unnecessary_wraps, reason = "as a body gives it")]
fn data(text: &'static str) -> Result<Frame<Bytes>, std::io::Error> {
    Ok(Frame::data(Bytes::from_static(text.as_bytes())))
}

async fn body_is(length: Option<u64>, frames: fn() -> Vec<Result<Frame<Bytes>, std::io::Error>>, text: &str) {
    let app = App::of(move || Response::new(Body::new(Frames { frames: frames(), length })));
    for loads in 1..3 {
        assert_eq!(app.get("/plain/1").await.text(), text);
        assert_eq!(app.loads(), loads);
    }
}

/// Two of them do not fit.
const LONG: &str = match str::from_utf8(&[b'x'; 700]) {
    Ok(text) => text,
    Err(_) => "",
};

#[tokio::test]
async fn bodies_that_do_not_fit_are_passed_on_whole() {
    // The limit is 1,000 bytes.
    body_is(None, || vec![data("a"), data("b")], "ab").await;
    body_is(Some(2_000), || vec![data("a"), data("b")], "ab").await;
    body_is(Some(3), || vec![data("a"), data("b")], "ab").await;
    let trailers = || {
        vec![data("a"), Ok(Frame::trailers([("x-sum".parse().unwrap(), "1".parse().unwrap())].into_iter().collect()))]
    };
    body_is(Some(1), trailers, "a").await;
    body_is(Some(700), || vec![data(LONG), data(LONG), data("end")], &format!("{LONG}{LONG}end")).await;
}

#[tokio::test]
async fn a_body_that_breaks_off_is_an_error_for_its_reader_and_not_stored() {
    let broken = || Frames { frames: vec![data("a"), Err(std::io::Error::other("cut"))], length: Some(2) };
    let app = App::of(move || Response::new(Body::new(broken())));
    for loads in 1..3 {
        let response = app.send("GET", "/plain/1", &[]).await;
        assert!(axum::body::to_bytes(response.into_body(), 10).await.is_err());
        assert_eq!(app.loads(), loads);
    }
}

#[tokio::test]
async fn a_body_of_several_pieces_is_stored_whole() {
    let app =
        App::of(|| Response::new(Body::new(Frames { frames: vec![data("a"), data("b"), data("c")], length: Some(3) })));
    for _ in 0..2 {
        assert_eq!(app.get("/plain/1").await.text(), "abc");
    }
    assert_eq!(app.loads(), 1);
}

/// A buffer of the handler's, of which its responses are pieces.
struct Buffer {
    bytes: [u8; 64],
    _in_use: Arc<()>,
}

impl AsRef<[u8]> for Buffer {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

#[tokio::test]
async fn what_is_stored_keeps_no_more_alive_than_it_is() {
    let used = Arc::new(());
    let app = App::of({
        let used = used.clone();
        move || Bytes::from_owner(Buffer { bytes: [b'x'; 64], _in_use: used.clone() }).slice(..10).into_response()
    });
    for _ in 0..2 {
        assert_eq!(app.get("/plain/1").await.text(), "xxxxxxxxxx");
    }
    assert_eq!((app.loads(), Arc::strong_count(&used)), (1, 2), "the test's and the handler's");
}

/// A body without an end that says how long it is, and counts how often it was read from.
struct Endless(u64, Arc<AtomicU32>);

impl http_body::Body for Endless {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        _context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
        assert!(self.1.fetch_add(1, SeqCst) < 200, "it is read on and on");
        Poll::Ready(Some(data("0123456789")))
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.0)
    }
}

#[tokio::test]
async fn no_more_is_read_than_could_be_stored() {
    // The limit is 1,000 bytes. What says that it is longer is not read at all.
    for (length, reads) in [(2_000, 0), (30, 101)] {
        let read = Arc::new(AtomicU32::new(0));
        let body = read.clone();
        let app = App::of(move || Response::new(Body::new(Endless(length, body.clone()))));
        let response = app.send("GET", "/plain/1", &[]).await;
        assert_eq!(response.headers()["cache-status"], "larder; fwd=uri-miss; detail=too-large");
        assert!(read.load(SeqCst) <= reads, "{length}");
    }
}

type Made = fn() -> Frames;

/// What comes out of a layer whose service has this body; the limit is 5 bytes.
async fn through_a_layer(frames: Made) -> Response<impl http_body::Body<Data = Bytes, Error = std::io::Error>> {
    let (cache, _clock) = timed();
    let service =
        tower::service_fn(
            move |_: Request<Body>| async move { Ok::<_, std::convert::Infallible>(Response::new(frames())) },
        );
    let layer = CacheLayer::timeout(60).cache(&cache).max_body(5);
    layer.layer(service).oneshot(request("GET", "/", &[])).await.unwrap()
}

#[tokio::test]
async fn who_reads_what_was_looked_at_sees_all_of_it_and_its_end() {
    let long: Made = || Frames { frames: vec![data("abc"), data("def"), data("g")], length: Some(5) };
    let short: Made = || Frames { frames: vec![data("abc"), data("def")], length: Some(5) };
    let broken: Made = || Frames { frames: vec![data("abc"), Err(std::io::Error::other("cut"))], length: Some(5) };
    for (frames, texts) in [
        (long, &[Some("abc"), Some("def"), Some("g")][..]),
        (short, &[Some("abc"), Some("def")]),
        (broken, &[Some("abc"), None]),
    ] {
        let mut body = Box::pin(through_a_layer(frames).await.into_body());
        for text in texts {
            assert!(!body.is_end_stream(), "{text:?} is still to come");
            let frame = std::future::poll_fn(|context| body.as_mut().poll_frame(context)).await.unwrap();
            let read = frame.ok().map(|frame| frame.into_data().unwrap());
            assert_eq!(read.as_deref(), text.map(str::as_bytes));
        }
        assert!(body.is_end_stream());
        assert!(std::future::poll_fn(|context| body.as_mut().poll_frame(context)).await.is_none());
    }
}
