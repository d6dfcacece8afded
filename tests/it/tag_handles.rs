//! `larder::tag!` and the tags of functions: one text, made in two places.

use std::sync::atomic::{AtomicU32, Ordering::SeqCst};

use larder::testing::{scope, scope_blocking};
use larder::{Cache, cached, escape, invalidates, tag};

use crate::support::{Call, Gate, Loads, at_once, cache, secs};

#[derive(Debug)]
struct Member {
    id: u64,
    team: Team,
}

#[derive(Debug)]
struct Team {
    name: String,
}

fn member(id: u64, name: &str) -> Member {
    Member { id, team: Team { name: name.to_owned() } }
}

#[cached(
    timeout = 60,
    key = "tag_handles.profile:<member.id>",
    tags("team:<member.team.name>", "member:<member.id>"),
    ignore(loads)
)]
fn profile(member: &Member, loads: &Loads) -> u32 {
    loads.next()
}

#[cached(timeout = 60, key = "tag_handles.roster:<team>", tags("team:<team>"), ignore(loads))]
async fn roster(team: &str, loads: &Loads) -> u32 {
    loads.next()
}

#[test]
fn a_tag_is_for_all_functions_that_have_it() {
    let (cache, loads) = (cache(), Loads::new());
    let (ada, bob) = (member(1, "a/b: c"), member(2, "x"));
    scope_blocking(&cache, || {
        let all = || {
            let rosters = ["a/b: c", "x"].map(|team| at_once(scope(&cache, roster(team, &loads))));
            (profile(&ada, &loads), profile(&bob, &loads), rosters)
        };
        let team = "a/b: c";
        assert_eq!(all(), (3, 4, [1, 2]));
        assert_eq!(all(), (3, 4, [1, 2]));
        let tag = tag!("team:<team>");
        assert_eq!(tag.name(), format!("team:{}", escape(team)));
        tag.blocking().invalidate().unwrap();
        assert_eq!(all(), (6, 4, [5, 2]));
        at_once(tag!("member:<bob.id>").invalidate()).unwrap();
        assert_eq!(all(), (6, 7, [5, 2]));
        cache.blocking().tag(&format!("team:{}", escape(&bob.team.name))).invalidate().unwrap();
        assert_eq!(all(), (6, 9, [5, 8]));
    });
}

#[test]
fn text_that_is_made_by_hand_is_taken_as_it_is() {
    let (cache, loads) = (cache(), Loads::new());
    let by_hand = cache.blocking();
    scope_blocking(&cache, || {
        for (id, team) in (0..).zip(["ann@x.org", "a b", "a/b", "a:b", "50%", "<a>"]) {
            let of_team = member(id, team);
            let is_cached = || {
                let before = loads.so_far();
                profile(&of_team, &loads);
                loads.so_far() == before
            };
            profile(&of_team, &loads);
            by_hand.tag(&format!("team:{team}")).invalidate().unwrap();
            assert!(is_cached(), "{team} is another tag");
            by_hand.tag(&format!("team:{}", escape(team))).invalidate().unwrap();
            assert!(!is_cached(), "{team}");
            tag!("team:<team>").blocking().invalidate().unwrap();
            assert!(!is_cached(), "{team}");
            by_hand.tag(&format!("member:{}", escape(&of_team.id))).invalidate().unwrap();
            assert!(!is_cached(), "{team}");
        }
    });
}

#[test]
fn the_empty_text_is_a_tag_like_any_other() {
    #[cached(timeout = 60, key = "tag_handles.label:<label>", tags("<label>"), ignore(loads))]
    fn by_label(label: &str, loads: &Loads) -> u32 {
        loads.next()
    }

    let (cache, loads) = (cache(), Loads::new());
    scope_blocking(&cache, || {
        assert_eq!((by_label("", &loads), by_label("x", &loads), by_label("", &loads)), (1, 2, 1));
        let label = "";
        tag!("<label>").blocking().invalidate().unwrap();
        assert_eq!((by_label("", &loads), by_label("x", &loads)), (3, 2));
        cache.blocking().tag("").invalidate().unwrap();
        assert_eq!((by_label("", &loads), by_label("x", &loads)), (4, 2));
        cache.blocking().tagged(&[""]).set("tag_handles.by hand", &1, secs(60)).unwrap();
        cache.blocking().tag("").invalidate().unwrap();
        assert!(!cache.blocking().contains("tag_handles.by hand"));
    });
}

#[test]
fn writers_invalidate_tags() {
    #[invalidates(tag!("team:<member.team.name>"))]
    fn move_out(member: Member) -> Team {
        member.team
    }

    let (cache, loads) = (cache(), Loads::new());
    scope_blocking(&cache, || {
        assert_eq!(profile(&member(1, "writers"), &loads), 1);
        move_out(member(2, "writers"));
        assert_eq!(profile(&member(1, "writers"), &loads), 2);
        move_out(member(1, "others"));
        assert_eq!(profile(&member(1, "writers"), &loads), 2);
    });
}

struct Tenant {
    id: u64,
    cache: Cache,
    loads: Loads,
}

impl Tenant {
    #[cached(timeout = 60, key = "tag_handles.plan:<self.id>:<id>", cache = self.cache, tags("<Self>:<self.id>"))]
    async fn plan(&self, id: u64) -> u32 {
        self.loads.next()
    }

    #[invalidates(tag!("<Self>:<self.id>", cache = self.cache))]
    async fn upgrade(&self) {}

    #[invalidates(tag!("<Self>:<self.id>"))]
    async fn upgrade_elsewhere(&self) {}
}

#[test]
fn a_tag_is_of_the_cache_that_it_names() {
    let tenant = Tenant { id: 7, cache: cache(), loads: Loads::new() };
    assert_eq!((at_once(tenant.plan(1)), at_once(tenant.plan(2)), at_once(tenant.plan(1))), (1, 2, 1));
    at_once(scope(&cache(), tenant.upgrade_elsewhere()));
    assert_eq!((at_once(tenant.plan(1)), at_once(tenant.plan(2))), (1, 2));
    at_once(tenant.upgrade());
    assert_eq!((at_once(tenant.plan(1)), at_once(tenant.plan(2))), (3, 4));
    assert_eq!(tenant.cache.stats().invalidations, 1);
}

#[test]
fn a_load_overtaken_by_its_tag() {
    static VALUE: AtomicU32 = AtomicU32::new(1);

    #[cached(timeout = 60, key = "tag_handles.slow:<id>", tags("slow", "slow:<id>"), ignore(gate))]
    async fn slow(id: u64, gate: &Gate) -> u32 {
        let value = VALUE.load(SeqCst);
        gate.pass().await;
        value
    }

    #[invalidates(tag!("slow:<id>"))]
    async fn write(id: u64, value: u32) {
        VALUE.store(value, SeqCst);
    }

    let (cache, gate) = (cache(), Gate::new());
    let call = |id| Call::begin(scope(&cache, slow(id, &gate)));
    let (load, joined, other) = (call(1), call(1), call(2));
    at_once(scope(&cache, write(1, 2)));
    let late = call(1);
    gate.open();
    assert_eq!((load.end(), joined.end(), other.end()), (1, 1, 1), "they asked before the write");
    assert_eq!(late.end(), 2);
    assert_eq!(at_once(scope(&cache, slow(1, &gate))), 2);
    assert_eq!(at_once(scope(&cache, slow(2, &gate))), 1, "it has another tag");
    assert_eq!(cache.stats().fenced, 1);
}

#[test]
fn a_tag_by_another_path() {
    use crate::elsewhere::toolkit;

    let id = 7;
    let cache = cache();
    let here = toolkit::tag!("id:<id>", cache = &cache, crate = crate::elsewhere::toolkit);
    assert_eq!(here.name(), "id:7");
    assert_eq!(tag!("just text").name(), "just text");
    assert_eq!(tag!("<<<id>>").name(), "<7>");
    let pair = (Some("x"), [1_u8, 2]);
    assert_eq!(tag!("<pair>:<pair.1.len()>").name(), "(x,[1,2,],):2");
}
