//! A request as axum gets it from its server, and its response to the last byte, without a network.

use std::hint::black_box;
use std::sync::atomic::Ordering;
use std::time::Instant;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::header::{ETAG, IF_NONE_MATCH};
use axum::http::{HeaderValue, Request, StatusCode, Uri};
use futures_lite::future::block_on;
use tower::Service;

use super::pages::{ALL, FLOOR, STORED, Way};
use crate::report::{Section, Target};
use crate::{Effort, clear, peers};

/// A way that has its pages.
struct Warm {
    way: Way,
    router: Router,
    requests: Vec<(Uri, Option<HeaderValue>)>,
}

impl Warm {
    fn new(way: Way, keys: usize) -> Self {
        let mut warm = Self { way, router: (way.router)(), requests: Vec::new() };
        for id in 0..keys {
            let uri: Uri = format!("/page/{id}").parse().expect("a path");
            let response = warm.ask(&uri, None);
            let tag = response.headers().get(ETAG).cloned().filter(|_| way.known);
            assert_eq!(response.status(), StatusCode::OK, "{}", way.name);
            warm.requests.push((uri, tag));
        }
        warm
    }

    fn ask(&mut self, uri: &Uri, known: Option<&HeaderValue>) -> axum::response::Response {
        let mut request = Request::new(Body::empty());
        *request.uri_mut() = uri.clone();
        if let Some(known) = known {
            request.headers_mut().insert(IF_NONE_MATCH, known.clone());
        }
        block_on(self.router.call(request)).unwrap_or_else(|never| match never {})
    }

    /// Asks for each page once; how many bytes came.
    fn ask_all(&mut self) -> usize {
        let requests = std::mem::take(&mut self.requests);
        let mut bytes = 0;
        for (uri, known) in &requests {
            let response = self.ask(black_box(uri), known.as_ref());
            let expected = if known.is_some() { StatusCode::NOT_MODIFIED } else { StatusCode::OK };
            assert_eq!(response.status(), expected, "{}", self.way.name);
            bytes += block_on(to_bytes(response.into_body(), usize::MAX)).expect("the body ends").len();
        }
        self.requests = requests;
        bytes
    }

    fn made(&self) -> u64 {
        self.way.made.map_or(0, |made| made.load(Ordering::Relaxed))
    }
}

/// All ways, or those with the name that was given.
fn asked() -> impl Iterator<Item = Way> {
    ALL.into_iter().filter(|way| peers::ONLY.get().is_none_or(|only| way.name.contains(only.as_str())))
}

/// Nanoseconds per request of each way, its best of the rounds.
///
/// # Panics
///
/// When a page is no page, or one was made although it is stored.
fn times(keys: usize, effort: Effort) -> Vec<f64> {
    let mut ways: Vec<Warm> = asked().map(|way| Warm::new(way, keys)).collect();
    let turns = (effort.calls / 40).div_ceil(keys);
    let mut best = vec![f64::INFINITY; ways.len()];
    for _ in 0..effort.rounds {
        for (best, warm) in best.iter_mut().zip(&mut ways) {
            let (page, before) = (warm.ask_all(), warm.made());
            assert_eq!(page == 0, warm.way.known, "{}", warm.way.name);
            let started = Instant::now();
            for _ in 0..turns {
                assert_eq!(warm.ask_all(), page, "{}", warm.way.name);
            }
            *best = best.min(started.elapsed().as_nanos() as f64 / (turns * keys) as f64);
            assert!(warm.way.always || warm.made() == before, "{}: these were not all hits", warm.way.name);
        }
    }
    clear();
    best
}

fn pages(number: usize) -> String {
    if number == 1 { "1 page".to_owned() } else { format!("{number} pages") }
}

pub(super) fn measure(effort: Effort, section: &mut Section) {
    // The peer's locks are those of tokio.
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let _inside = runtime.enter();
    let columns: Vec<(usize, Vec<f64>)> = [1, 1_000].map(|keys| (keys, times(keys, effort))).into();
    let of = |times: &[f64], name: &str| {
        let row = asked().position(|way| way.name == name).and_then(|row| times.get(row));
        row.copied().unwrap_or(f64::NAN)
    };

    section.paragraph(
        "Nanoseconds from a request, as the server gives it to a router, to the last byte of its response, the best round of each. The page has ten \
         kilobytes; the handler takes one number out of the path. The first row is what axum needs for any handler.",
    );
    let names: Vec<String> = columns.iter().map(|(keys, _)| pages(*keys)).collect();
    let rows = |number: &dyn Fn(usize, &[f64]) -> Option<f64>| -> Vec<(String, Vec<Option<f64>>)> {
        let row = |(row, way): (usize, Way)| {
            (way.name.to_owned(), columns.iter().map(|(_, times)| number(row, times)).collect())
        };
        asked().enumerate().map(row).collect()
    };
    section.table("ns per request", &names, &rows(&|row, times| times.get(row).copied()));
    section.table(
        "ns above the first row",
        &names,
        &rows(&|row, times| times.get(row).map(|time| time - of(times, FLOOR))),
    );
    let mut targets = Vec::new();
    for (keys, times) in &columns {
        let stored = of(times, STORED);
        targets.push(Target::at_most(
            format!("ns that a stored response costs above a handler that has the bytes, {}", pages(*keys)),
            1_000.0,
            stored - of(times, FLOOR),
        ));
    }
    section.targets(&targets);
}
