//! Who looks, and at what: kept by hand, with the cache as a store of small things that may be lost.
//!
//! There are no accounts. A browser gets a random number in a cookie, and what it looked at stands under that number for half an
//! hour. With a Redis behind the cache, all shops know it.

use std::convert::Infallible;
use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponseParts, ResponseParts};

/// How long the list is kept after the last look.
const VISIT: Duration = Duration::from_secs(30 * 60);

/// How many products the list has.
const LONGEST: usize = 5;

const COOKIE: &str = "visitor";

/// The number in a browser's cookie, and whether the browser has it already.
#[derive(Debug)]
pub(crate) struct Visitor {
    number: String,
    known: bool,
}

/// What a visitor has looked at, and how many have looked at the same.
pub(crate) struct Look {
    /// The products before this one, the last first.
    pub(crate) before: Vec<u32>,
    /// Visitors of these minutes.
    pub(crate) visitors: Option<i64>,
}

impl Visitor {
    /// Writes down that this product is looked at.
    ///
    /// All of it is a service that the shop can do without, so a cache that fails is no failure of the page. Of two looks at the same
    /// moment one may be lost.
    pub(crate) async fn look_at(&self, product: u32) -> Look {
        let cache = larder::cache();
        let (list, counter) = (format!("looked_at:{}", self.number), format!("visitors:{product}"));
        let mut seen: Vec<u32> = cache.get(&list).await.unwrap_or_default();
        let visitors = if seen.contains(&product) {
            cache.get(&counter).await
        } else {
            // The number starts at 0, and is forgotten after the default timeout of five minutes.
            cache.increment(&counter, 1).await.ok()
        };
        seen.retain(|id| *id != product);
        let before = seen.clone();
        seen.insert(0, product);
        seen.truncate(LONGEST);
        let _ = cache.set(&list, &seen, VISIT).await;
        Look { before, visitors }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Visitor {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        let told = number_in(&parts.headers);
        Ok(Self { known: told.is_some(), number: told.unwrap_or_else(random) })
    }
}

/// A new visitor is told the number.
impl IntoResponseParts for Visitor {
    type Error = Infallible;

    fn into_response_parts(self, mut response: ResponseParts) -> Result<ResponseParts, Infallible> {
        let cookie = format!("{COOKIE}={}; Path=/; HttpOnly; SameSite=Lax", self.number);
        if !self.known
            && let Ok(cookie) = cookie.parse()
        {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
        Ok(response)
    }
}

/// The number in the cookie, if it can be one of ours.
fn number_in(headers: &HeaderMap) -> Option<String> {
    let cookies = headers.get_all(header::COOKIE).into_iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let number = pairs.find_map(|(name, value)| (name == COOKIE).then_some(value))?;
    let ours = number.len() == 32 && number.bytes().all(|byte| byte.is_ascii_hexdigit());
    ours.then(|| number.to_owned())
}

/// 128 bits that nobody can guess: what the standard library seeds its hash maps with comes from the system.
fn random() -> String {
    let [high, low] = [(); 2].map(|()| RandomState::new().hash_one(COOKIE));
    format!("{high:016x}{low:016x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_that_is_not_ours_is_nobody_s() {
        let number = random();
        let told = |cookie: String| {
            let headers = HeaderMap::from_iter([(header::COOKIE, cookie.parse().ok()?)]);
            number_in(&headers)
        };
        assert_eq!(told(format!("theme=dark; {COOKIE}={number}")), Some(number.clone()));
        for strange in ["", "1", "visitors:1", &"g".repeat(32), &"0".repeat(33)] {
            assert_eq!(told(format!("{COOKIE}={strange}")), None, "{strange}");
        }
        assert_ne!(number, random());
    }
}
