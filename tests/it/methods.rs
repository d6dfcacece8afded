//! Annotated methods: of types, of generic types, of traits; with an entry beside them where one is named.

use larder::testing::{scope, scope_blocking};
use larder::{Cache, cached};

use crate::support::{Loads, cache};

struct Shop {
    cache: Cache,
    id: u64,
    loads: Loads,
}

impl Shop {
    fn new(cache: &Cache, id: u64) -> Self {
        Self { cache: cache.clone(), id, loads: Loads::new() }
    }

    #[cached(key = "methods.price:<self.id>:<article>", cache = self.cache)]
    fn price(&self, article: u32) -> u32 {
        self.loads.next() + article
    }

    #[cached(key = "methods.stock:<self.id>:<article>", cache = self.cache, entry = stock_entry)]
    async fn stock(&self, article: u32) -> Option<u32> {
        tokio::task::yield_now().await;
        self.loads.next();
        (article > 0).then_some(article * 10)
    }

    #[cached(key = "methods.name:<article>", ignore(self), entry = name_entry)]
    fn name(&self, article: u32) -> String {
        format!("{article} of {}", self.id)
    }

    #[cached(entry = currency_entry)]
    fn currency(country: &str) -> String {
        country.to_lowercase()
    }

    /// Without a word in it that only a method has, an associated function needs `entry`.
    #[cached(key = "methods.of:<id>", entry = of_entry)]
    fn of(id: u64) -> u64 {
        id
    }
}

#[tokio::test]
async fn methods_of_a_type() {
    let cache = cache();
    let (one, two) = (Shop::new(&cache, 1), Shop::new(&cache, 2));
    assert_eq!((one.price(10), one.price(10)), (11, 11));
    assert_eq!(two.price(10), 11, "another shop, another entry");
    assert_eq!((one.loads.so_far(), two.loads.so_far()), (1, 1));
    assert_eq!(cache.get::<u32>("methods.price:1:10").await, Some(11));

    assert_eq!((one.stock(3).await, one.stock(3).await), (Some(30), Some(30)));
    assert_eq!(one.loads.so_far(), 2);
    assert_eq!(one.stock_entry(3).key(), "methods.stock:1:3");
    one.stock_entry(3).invalidate().await.unwrap();
    one.stock_entry(4).put(44).await.unwrap();
    assert_eq!((one.stock(3).await, one.stock(4).await), (Some(30), Some(44)));
    assert_eq!(one.loads.so_far(), 3);
    assert_eq!(one.stock_entry(4).refresh().await, Some(40));
    assert_eq!(one.stock(4).await, Some(40));
}

#[test]
fn a_method_can_ignore_its_self() {
    let cache = cache();
    let (one, two) = (Shop::new(&cache, 1), Shop::new(&cache, 2));
    scope_blocking(&cache, || {
        assert_eq!((one.name(5), two.name(5)), ("5 of 1".to_owned(), "5 of 1".to_owned()));
        two.name_entry(5).invalidate().unwrap();
        assert_eq!((two.name(5), one.name(5)), ("5 of 2".to_owned(), "5 of 2".to_owned()));
    });
}

#[test]
fn associated_functions() {
    scope_blocking(&cache(), || {
        assert_eq!((Shop::currency("EU"), Shop::currency("EU")), ("eu".to_owned(), "eu".to_owned()));
        assert_eq!(Shop::currency_entry("EU").get().as_deref(), Some("eu"));
        assert_eq!((Shop::of(4), Shop::of_entry(4).get()), (4, Some(4)));
    });
}

#[test]
fn self_as_a_part() {
    #[derive(larder::KeyPart)]
    struct Id(u32);
    impl Id {
        #[cached]
        fn double(&self) -> u32 {
            self.0 * 2
        }
        #[cached(key = "methods.half:<self>")]
        fn half(&self) -> u32 {
            self.0 / 2
        }
        #[cached]
        fn by_value(self) -> u32 {
            self.0
        }
    }
    let cache = cache();
    scope_blocking(&cache, || {
        assert_eq!((Id(2).double(), Id(3).double(), Id(2).double()), (4, 6, 4));
        assert_eq!((Id(2).half(), Id(6).half(), Id(2).half()), (1, 3, 1));
        assert_eq!((Id(2).by_value(), Id(3).by_value(), Id(2).by_value()), (2, 3, 2));
        assert_eq!(cache.stats().hits, 3);
    });
}

trait Source {
    fn find(&self, id: u32) -> u32;
    async fn find_later(&self, id: u32) -> u32;
    fn kind() -> String;
}

struct Left;
struct Right;

impl Source for Left {
    #[cached(ignore(self))]
    fn find(&self, id: u32) -> u32 {
        id + 1
    }
    #[cached(ignore(self))]
    async fn find_later(&self, id: u32) -> u32 {
        id + 10
    }
    #[cached]
    fn kind() -> String {
        // `Self` says that this is no free function.
        size_of::<Self>().to_string()
    }
}

impl Source for Right {
    #[cached(ignore(self))]
    fn find(&self, id: u32) -> u32 {
        id + 2
    }
    #[cached(ignore(self))]
    async fn find_later(&self, id: u32) -> u32 {
        id + 20
    }
    fn kind() -> String {
        "right".to_owned()
    }
}

#[tokio::test]
async fn methods_of_a_trait() {
    let cache = cache();
    scope(&cache, async {
        for _ in 0..2 {
            assert_eq!((Left.find(1), Right.find(1)), (2, 3));
            assert_eq!((Left.find_later(1).await, Right.find_later(1).await), (11, 21));
        }
        assert_eq!((Left::kind(), Right::kind()), ("0".to_owned(), "right".to_owned()));
        assert_eq!((cache.stats().loads, cache.stats().hits), (5, 4));
    })
    .await;
}

struct Repository<T> {
    loads: Loads,
    make: fn(u32) -> T,
}

impl<T: Clone + Send + Sync + 'static> Repository<T> {
    fn new(make: fn(u32) -> T) -> Self {
        Self { loads: Loads::new(), make }
    }

    #[cached(ignore(self))]
    fn find(&self, id: u32) -> T {
        self.loads.next();
        (self.make)(id)
    }

    #[cached(key = "methods.repository:<Self>:<id>", ignore(self), entry = find_entry)]
    async fn find_named(&self, id: u32) -> T {
        self.loads.next();
        (self.make)(id)
    }
}

#[tokio::test]
async fn methods_of_a_generic_type_have_entries_for_each_type() {
    let texts = Repository::new(|id| id.to_string());
    let lists = Repository::new(|id| vec![id]);
    scope(&cache(), async {
        for _ in 0..2 {
            assert_eq!((texts.find(1), lists.find(1)), ("1".to_owned(), vec![1]));
            assert_eq!((texts.find_named(2).await, lists.find_named(2).await), ("2".to_owned(), vec![2]));
        }
        assert_eq!((texts.loads.so_far(), lists.loads.so_far()), (2, 2));
        lists.find_entry(2).invalidate().await.unwrap();
        assert_eq!((texts.find_named(2).await, lists.find_named(2).await), ("2".to_owned(), vec![2]));
        assert_eq!((texts.loads.so_far(), lists.loads.so_far()), (2, 3));
    })
    .await;
}
