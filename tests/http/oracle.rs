//! The layer of RFC 9111 beside another judge of the same rules: what one answers from its store, the other does as well.
//!
//! Where the judge is known to differ from the RFC, no such messages are made: it compares names of directives by case, sees only the
//! first line of a header that `Vary` names, takes `proxy-revalidate` for `max-age=0`, and guesses lifetimes from `Last-Modified`.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::body::Body;
use axum::http::{Request, Response};
use futures_lite::future::block_on;
use http_cache_semantics::{BeforeRequest, CachePolicy};
use larder::http::CacheLayer;
use proptest::prelude::*;

use crate::layer::Site;

type Line = (&'static str, String);

fn line(name: &'static str, value: impl Into<String>) -> Line {
    (name, value.into())
}

/// Directives of a response, each at most once.
fn control() -> impl Strategy<Value = Option<Line>> {
    let seconds = 0..50_u32;
    let directive = (0..8_usize, seconds).prop_map(|(which, seconds)| match which {
        0 | 1 => format!("max-age={seconds}"),
        2 => format!("s-maxage={seconds}"),
        3 => "public".to_owned(),
        4 => "private".to_owned(),
        5 => "no-store".to_owned(),
        6 => "no-cache".to_owned(),
        _ => "must-revalidate".to_owned(),
    });
    let once = |directives: Vec<String>| {
        let mut kept: Vec<String> = Vec::new();
        for directive in directives {
            let name = |text: &str| text.split('=').next().unwrap_or_default().to_owned();
            if !kept.iter().any(|known| name(known) == name(&directive)) {
                kept.push(directive);
            }
        }
        (!kept.is_empty()).then(|| line("cache-control", kept.join(", ")))
    };
    prop::collection::vec(directive, 0..4).prop_map(once)
}

#[derive(Clone, Debug)]
struct Exchange {
    status: u16,
    control: Option<Line>,
    /// In seconds from now.
    expires: Option<i8>,
    age: Option<u8>,
    vary: bool,
    authorized: bool,
    first: Option<&'static str>,
    second: Option<&'static str>,
    later: u8,
    wish: Option<String>,
}

fn exchange() -> impl Strategy<Value = Exchange> {
    let status = prop::sample::select(vec![200, 200, 200, 203, 204, 301, 302, 404, 410]);
    let values = || prop::option::of(prop::sample::select(vec!["a", "b", ""]));
    let wish = (0..4_usize, 0..40_u8).prop_map(|(which, seconds)| match which {
        0 => Some("no-cache".to_owned()),
        1 => Some(format!("max-age={seconds}")),
        2 => Some(format!("min-fresh={seconds}")),
        _ => None,
    });
    let response = (status, control(), prop::option::of(any::<i8>()), prop::option::of(0..30_u8), any::<bool>());
    (response, prop::bool::weighted(0.2), values(), values(), 0..60_u8, prop_oneof![3 => Just(None), 1 => wish])
        .prop_map(|((status, control, expires, age, vary), authorized, first, second, later, wish)| Exchange {
            status,
            control,
            expires,
            age,
            vary,
            authorized,
            first,
            second,
            later,
            wish,
        })
}

impl Exchange {
    fn response(&self, now: SystemTime) -> Response<Body> {
        let mut response = Response::builder().status(self.status).header("date", httpdate::fmt_http_date(now));
        if let Some((name, value)) = &self.control {
            response = response.header(*name, value);
        }
        if let Some(expires) = self.expires {
            let at = if expires < 0 {
                now - Duration::from_secs(u64::from(expires.unsigned_abs()))
            } else {
                now + Duration::from_secs(u64::from(expires.unsigned_abs()))
            };
            response = response.header("expires", httpdate::fmt_http_date(at));
        }
        if let Some(age) = self.age {
            response = response.header("age", age.to_string());
        }
        if self.vary {
            response = response.header("vary", "foo");
        }
        response.body(Body::empty()).unwrap()
    }

    fn lines(&self, value: Option<&'static str>, wish: Option<&String>) -> Vec<Line> {
        let mut lines = vec![line("host", "a.org")];
        lines.extend(value.map(|value| line("foo", value)));
        lines.extend(self.authorized.then(|| line("authorization", "secret")));
        lines.extend(wish.map(|wish| line("cache-control", wish.as_str())));
        lines
    }
}

fn request(lines: &[Line]) -> Request<()> {
    let mut request = Request::builder().uri("http://a.org/");
    for (name, value) in lines {
        request = request.header(*name, value);
    }
    request.body(()).unwrap()
}

/// The time of a clock that a test moves, as the dates of its pages say it.
fn start() -> SystemTime {
    let site = Site::new(|cache| CacheLayer::timeout(60).cache(cache), |_, _| "");
    let date = block_on(site.get("/")).header("date").unwrap();
    httpdate::parse_http_date(&date).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn both_answer_the_same_requests_from_their_store(exchange in exchange()) {
        let start = start();
        prop_assert!(start > UNIX_EPOCH);
        let served = exchange.clone();
        let site = Site::new(
            |cache| CacheLayer::rfc9111().cache(cache),
            move |_, _| served.response(start),
        );
        let (first, second) =
            (exchange.lines(exchange.first, None), exchange.lines(exchange.second, exchange.wish.as_ref()));
        let judge = CachePolicy::new_options(
            &request(&first),
            &exchange.response(start).map(|_| ()),
            start,
            http_cache_semantics::CacheOptions { shared: true, ..Default::default() },
        );
        let ask = |lines: &[Line]| {
            let lines: Vec<_> = lines.iter().map(|(name, value)| (*name, &**value)).collect();
            block_on(site.ask("GET", "/", &lines))
        };
        ask(&first);
        site.clock.advance(Duration::from_secs(u64::from(exchange.later)));
        let later = start + Duration::from_secs(u64::from(exchange.later));
        let expected = judge.is_storable()
            && matches!(judge.before_request(&request(&second), later), BeforeRequest::Fresh(_));
        let reply = ask(&second);
        let hit = site.loads() == 1;
        prop_assert_eq!(hit, expected, "{:?}", reply);
        if hit {
            prop_assert_eq!(reply.header("age"), Some(judge.age(later).as_secs().to_string()));
        }
    }
}
