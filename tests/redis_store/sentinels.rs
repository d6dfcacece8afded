//! The primary that sentinels name.

use std::sync::LazyLock;
use std::time::Duration;

use larder::Redis;
use larder::shared::StoreErrorKind;
use larder_kit::{Options, Sentinels, Server, sentinels};

use crate::support::{PATIENT, Shop};

fn url(sentinels: &Sentinels, service: &str) -> String {
    let addresses: Vec<_> = sentinels.sentinels().iter().map(Server::address).collect();
    format!("redis-sentinel://{}/{service}", addresses.join(","))
}

mod conformance {
    use super::{LazyLock, Redis, Sentinels, sentinels, url};

    static SENTINELS: LazyLock<Sentinels> = LazyLock::new(Sentinels::start);

    fn connect() -> Redis {
        Redis::url(&url(&SENTINELS, sentinels::MASTER)).unwrap()
    }

    larder::conformance_tests!(connect);
}

#[test]
fn a_failover_is_followed() {
    let sentinels = Sentinels::start();
    let shop = Shop::new(Redis::url(&url(&sentinels, sentinels::MASTER)).unwrap(), Duration::from_secs(1)).connected();
    shop.until_it_vouches();
    shop.write(&shop.key("key"), "value").unwrap();
    let old = sentinels.master().port();
    sentinels.failover();
    assert_ne!(sentinels.master().port(), old);
    shop.until_it_works();
    assert_eq!(shop.value(&shop.key("key")).as_deref(), Some(&b"value"[..]));
    shop.until_it_vouches();
    shop.remove(&shop.key("key")).unwrap();
    shop.until_told("removed");
}

#[test]
fn a_dead_primary_is_replaced() {
    let sentinels = Sentinels::start();
    let shop = Shop::new(Redis::url(&url(&sentinels, sentinels::MASTER)).unwrap(), Duration::from_secs(1)).connected();
    sentinels.kill_master();
    shop.until_write_fails(StoreErrorKind::Unavailable);
    shop.until_it_works();
    shop.until_it_vouches();
}

#[test]
fn sentinels_may_be_dead_and_others_than_were_named() {
    let sentinels = Sentinels::start();
    sentinels.sentinels()[0].kill();
    let shop = Shop::open(&url(&sentinels, sentinels::MASTER));
    assert!(shop.write(&shop.key("key"), "value").unwrap());
}

#[test]
fn a_service_that_nobody_knows_is_out_of_reach() {
    let sentinels = Sentinels::start();
    let shop = Shop::new(Redis::url(&url(&sentinels, "nobody")).unwrap(), PATIENT);
    shop.until_write_fails(StoreErrorKind::Unavailable);
}

#[test]
fn servers_have_a_password_that_sentinels_have_not() {
    let sentinels = Sentinels::start_with(&Options::new().password("letters"));
    let url = url(&sentinels, sentinels::MASTER).replace("://", "://:letters@");
    let shop = Shop::open(&format!("{url}/2"));
    assert!(shop.write(&shop.key("key"), "value").unwrap());
    assert!(sentinels.master().info("db2").contains("keys="));
}
