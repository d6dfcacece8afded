//! The layer that goes by RFC 9111, section by section, with RFC 5861 and RFC 9211.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use axum::response::IntoResponse;
use larder::Cache;
use larder::http::{CacheLayer, Hints};

use crate::app::numbered;
use crate::layer::Site;
use crate::support::{promptly, secs, timed};

type Headers = &'static [(&'static str, &'static str)];

fn layer(cache: &Cache) -> CacheLayer {
    CacheLayer::rfc9111().cache(cache)
}

fn site(headers: Headers) -> Site {
    Site::new(layer, move |load, _| numbered(load, headers))
}

/// Is the second request answered by the first response?
async fn is_reused(headers: Headers) -> bool {
    let site = site(headers);
    site.get("/").await;
    site.get("/").await.text() == "load 1"
}

#[tokio::test]
async fn section_3_without_explicit_freshness_nothing_is_stored() {
    assert!(!is_reused(&[]).await);
    assert!(!is_reused(&[("cache-control", "public")]).await);
    assert!(!is_reused(&[("last-modified", "Sun, 06 Nov 1994 08:49:37 GMT")]).await);
    assert!(is_reused(&[("cache-control", "max-age=1")]).await);
}

#[tokio::test]
async fn section_3_any_final_status_with_explicit_freshness_is_stored() {
    for status in [200, 201, 203, 204, 299, 300, 301, 302, 308, 400, 404, 410, 499, 501, 599] {
        let site =
            Site::new(layer, move |_, _| (StatusCode::from_u16(status).unwrap(), [("cache-control", "max-age=60")]));
        site.get("/").await;
        site.get("/").await;
        assert_eq!(site.loads(), 1, "{status}");
    }
    for status in [206, 304, 500, 502, 503, 504] {
        let site =
            Site::new(layer, move |_, _| (StatusCode::from_u16(status).unwrap(), [("cache-control", "max-age=60")]));
        site.get("/").await;
        site.get("/").await;
        assert_eq!(site.loads(), 2, "{status}");
    }
}

#[tokio::test]
async fn section_3_5_authorization() {
    for (control, stored) in [
        ("max-age=60", false),
        ("max-age=60, public", true),
        ("max-age=60, must-revalidate", true),
        ("s-maxage=60", true),
        ("max-age=60, Public", true),
    ] {
        let site = Site::new(layer, move |load, _| {
            let mut response = numbered(load, &[]);
            response.headers_mut().insert("cache-control", control.parse().unwrap());
            response
        });
        for _ in 0..2 {
            site.ask("GET", "/", &[("authorization", "secret")]).await;
        }
        assert_eq!(site.loads() == 1, stored, "{control}");
        assert_eq!(site.get("/").await.text() == "load 1", stored, "{control}");
    }
}

#[tokio::test]
async fn section_4_the_age_is_said_on_every_reuse() {
    let site = site(&[("cache-control", "max-age=60"), ("age", "10")]);
    site.get("/").await;
    site.clock.advance(secs(49));
    assert_eq!(site.get("/").await.header("age").as_deref(), Some("59"));
    site.clock.advance(secs(1));
    assert_eq!(site.get("/").await.text(), "load 2");
}

#[tokio::test]
async fn section_4_1_a_star_fails_to_match() {
    for vary in ["*", ", *", "*, foo", "foo, *"] {
        let site = Site::new(layer, move |load, _| {
            let mut response = numbered(load, &[("cache-control", "max-age=60")]);
            response.headers_mut().insert("vary", vary.parse().unwrap());
            response
        });
        site.get("/").await;
        assert_eq!(site.get("/").await.text(), "load 2", "{vary}");
    }
}

#[tokio::test]
async fn section_4_2_1_the_first_match_counts() {
    const PAST: (&str, &str) = ("expires", "Sun, 06 Nov 1994 08:49:37 GMT");
    assert!(is_reused(&[("cache-control", "max-age=60"), PAST]).await);
    assert!(!is_reused(&[PAST]).await);
    assert!(!is_reused(&[("cache-control", "max-age=60, s-maxage=0")]).await);
    assert!(is_reused(&[("cache-control", "max-age=0, s-maxage=60")]).await);
    assert!(!is_reused(&[("cache-control", "max-age=60, max-age=0")]).await, "of two the shorter");
    assert!(!is_reused(&[("cache-control", "max-age=60"), ("cache-control", "max-age=0")]).await);
    assert!(is_reused(&[("cache-control", "MaX-AgE=60")]).await);
    assert!(is_reused(&[("cache-control", "max-age=\"60\"")]).await);
    for bad in ["'60'", "-60", "a100", "1.5", "60s", ""] {
        let site = Site::new(layer, move |load, _| {
            let mut response = numbered(load, &[]);
            response.headers_mut().insert("cache-control", format!("max-age={bad}").parse().unwrap());
            response
        });
        site.get("/").await;
        assert_eq!(site.get("/").await.text(), "load 2", "{bad}");
    }
    assert!(is_reused(&[("cache-control", "max-age=99999999999999999999")]).await);
}

#[tokio::test]
async fn section_4_2_3_what_is_old_already() {
    assert!(!is_reused(&[("cache-control", "max-age=60"), ("age", "60")]).await);
    assert!(is_reused(&[("cache-control", "max-age=60"), ("age", "59")]).await);
    assert!(!is_reused(&[("cache-control", "max-age=60"), ("date", "Sun, 06 Nov 1994 08:49:37 GMT")]).await);
    assert!(is_reused(&[("cache-control", "max-age=60"), ("age", "abc")]).await);
}

#[tokio::test]
async fn section_4_2_3_a_response_ages_while_it_is_waited_for() {
    let (cache, clock) = timed();
    let elsewhere = clock.clone();
    let site = Site::with(layer(&cache), cache, clock, move |load, _| {
        elsewhere.advance(secs(20));
        numbered(load, &[("cache-control", "max-age=60"), ("age", "10")])
    });
    site.get("/").await;
    assert_eq!(site.get("/").await.header("age").as_deref(), Some("30"));
    site.clock.advance(secs(29));
    assert_eq!(site.get("/").await.text(), "load 1");
    site.clock.advance(secs(1));
    assert_eq!(site.get("/").await.text(), "load 2");
}

#[tokio::test]
async fn section_5_2_1_what_a_request_wishes() {
    let site = site(&[("cache-control", "max-age=60")]);
    let ask = async |control: &str| site.ask("GET", "/", &[("cache-control", control)]).await;
    assert_eq!(ask("only-if-cached").await.status, 504);
    assert_eq!(ask("no-store").await.text(), "load 1");
    assert_eq!(site.get("/").await.text(), "load 2", "it was not stored");
    site.clock.advance(secs(20));
    for (control, text) in [
        ("max-age=20", "load 2"),
        ("min-fresh=40", "load 2"),
        ("no-store", "load 2"),
        ("only-if-cached", "load 2"),
        ("max-stale", "load 2"),
    ] {
        assert_eq!(ask(control).await.text(), text, "{control}");
    }
    assert_eq!(ask("max-age=19").await.text(), "load 3");
    assert_eq!(site.get("/").await.text(), "load 3", "the newer one was stored");
    assert_eq!(ask("min-fresh=61").await.text(), "load 4");
    assert_eq!(ask("No-Cache").await.text(), "load 5");
    assert_eq!(site.get("/").await.text(), "load 5");
}

#[tokio::test]
async fn section_5_2_2_what_a_response_forbids() {
    for control in ["no-store", "private", "no-cache", "private=\"x\"", "no-cache=\"x\""] {
        let site = Site::new(layer, move |load, _| {
            let mut response = numbered(load, &[]);
            response.headers_mut().insert("cache-control", format!("max-age=60, {control}").parse().unwrap());
            response
        });
        site.get("/").await;
        assert_eq!(site.get("/").await.text(), "load 2", "{control}");
    }
    // Section 5.2.2.3: who understands the status may store it in spite of `no-store`.
    assert!(is_reused(&[("cache-control", "max-age=60, must-understand, no-store")]).await);
    let odd = Site::new(layer, |_, _| {
        (StatusCode::from_u16(299).unwrap(), [("cache-control", "max-age=60, must-understand, no-store")])
    });
    odd.get("/").await;
    odd.get("/").await;
    assert_eq!(odd.loads(), 2);
    let alone = Site::new(layer, |_, _| {
        (StatusCode::from_u16(299).unwrap(), [("cache-control", "max-age=60, must-understand")])
    });
    alone.get("/").await;
    alone.get("/").await;
    assert_eq!(alone.loads(), 2, "who does not understand the status must not store it");
}

#[tokio::test]
async fn section_7_3_cookies_do_not_inhibit_caching() {
    let site = site(&[("cache-control", "max-age=60"), ("set-cookie", "a=b")]);
    site.ask("GET", "/", &[("cookie", "x=y")]).await;
    assert_eq!(site.get("/").await.text(), "load 1");
    assert_eq!(site.get("/").await.header("set-cookie").as_deref(), Some("a=b"));
}

/// A site whose first response is this one, and whose later ones are errors.
fn failing(control: &'static str) -> Site {
    Site::new(layer, move |load, _: Request<Body>| {
        if load > 1 {
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        }
        let mut response = numbered(load, &[]);
        response.headers_mut().insert("cache-control", control.parse().unwrap());
        response
    })
}

#[tokio::test]
async fn rfc_5861_section_4_1_an_error_within_the_period() {
    let site = failing("max-age=600, stale-if-error=1200");
    site.get("/").await;
    site.clock.advance(secs(900));
    let reply = site.get("/").await;
    assert_eq!((reply.status, reply.header("age").as_deref()), (200, Some("900")));
    site.clock.advance(secs(900));
    assert_eq!(site.get("/").await.status, 500);
}

#[tokio::test]
async fn rfc_5861_what_forbids_old_responses_wins() {
    for control in ["must-revalidate", "proxy-revalidate"] {
        for period in ["stale-if-error=1200", "stale-while-revalidate=1200"] {
            let control: &'static str = format!("max-age=600, {period}, {control}").leak();
            let site = failing(control);
            site.get("/").await;
            site.clock.advance(secs(900));
            assert_eq!(site.get("/").await.status, 500, "{control}");
        }
    }
    let silent = failing("max-age=600");
    silent.get("/").await;
    silent.clock.advance(secs(601));
    assert_eq!(silent.get("/").await.status, 500, "a response that says nothing is not used past its time");
}

#[tokio::test]
async fn rfc_5861_section_3_1_old_while_it_is_validated() {
    let site = site(&[("cache-control", "max-age=600, stale-while-revalidate=30")]);
    site.get("/").await;
    site.clock.advance(secs(629));
    let reply = site.get("/").await;
    assert_eq!((&*reply.text(), reply.header("cache-status").as_deref()), ("load 1", Some("larder; hit; ttl=-29")));
    promptly(async {
        while site.get("/").await.text() == "load 1" {
            tokio::task::yield_now().await;
        }
    })
    .await;
    assert_eq!(site.loads(), 2);
    site.clock.advance(secs(630));
    assert_eq!(site.get("/").await.text(), "load 3", "after the period it is waited for");
}

#[tokio::test]
async fn rfc_5861_each_period_is_for_its_own_purpose() {
    let site = failing("max-age=600, stale-while-revalidate=30, stale-if-error=5");
    site.get("/").await;
    site.clock.advance(secs(631));
    assert_eq!(site.get("/").await.status, 500);
    let site = failing("max-age=600, stale-if-error=30");
    site.get("/").await;
    site.clock.advance(secs(601));
    let reply = site.get("/").await;
    assert_eq!(
        reply.header("cache-status").as_deref(),
        Some("larder; fwd=stale; fwd-status=500; detail=stale-if-error; ttl=-1")
    );
    assert_eq!(site.loads(), 2, "it was not answered before the service was asked");
}

#[tokio::test]
async fn rfc_9211_one_member_for_each_cache() {
    let site =
        Site::new(layer, |load, _| numbered(load, &[("cache-control", "max-age=60"), ("cache-status", "Origin; hit")]));
    let status = async |method: &str, headers: &[(&str, &str)]| {
        site.ask(method, "/", headers).await.header("cache-status").unwrap_or_default()
    };
    assert_eq!(status("GET", &[]).await, "Origin; hit, larder; fwd=uri-miss; stored; ttl=60");
    assert_eq!(status("GET", &[]).await, "Origin; hit, larder; hit; ttl=60");
    assert_eq!(status("GET", &[("if-none-match", "*")]).await, "Origin; hit, larder; hit; ttl=60");
    let asked = [("cache-control", "no-cache")];
    assert_eq!(status("GET", &asked).await, "Origin; hit, larder; fwd=request; stored; ttl=60");
    assert_eq!(status("POST", &[]).await, "Origin; hit, larder; fwd=method");
    assert_eq!(status("GET", &[("range", "bytes=0-1")]).await, "Origin; hit, larder; fwd=bypass; detail=request");
}

#[tokio::test]
async fn a_service_can_say_less_to_this_cache_than_to_others() {
    let site = Site::new(layer, |load, _| {
        let mut response = numbered(load, &[("cache-control", "max-age=60")]);
        response.extensions_mut().insert(Hints::new().timeout(secs(if load == 1 { 5 } else { 500 })));
        response
    });
    site.get("/").await;
    site.clock.advance(secs(5));
    assert_eq!(site.get("/").await.text(), "load 2");
    site.clock.advance(secs(60));
    assert_eq!(site.get("/").await.text(), "load 3", "it does not lengthen it");
}

#[tokio::test]
async fn the_programs_limits_count_as_well() {
    let site = Site::new(
        |cache| layer(cache).stale_while_revalidate(0).stale_if_error(10).status([404]),
        |load, _| {
            let headers: Headers = &[("cache-control", "max-age=60, stale-while-revalidate=600, stale-if-error=600")];
            let status = match load {
                1 => StatusCode::NOT_FOUND,
                _ => StatusCode::BAD_GATEWAY,
            };
            (status, numbered(load, headers))
        },
    );
    site.get("/").await;
    site.clock.advance(secs(69));
    assert_eq!(site.get("/").await.status, 404);
    site.clock.advance(secs(1));
    assert_eq!(site.get("/").await.status, 502);
}
