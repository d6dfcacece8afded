//! Builds the shop's database: the same goods, customers, orders and reviews on every machine.
//!
//! The file is written under another name and moved into place when it is whole, so a build that
//! was interrupted leaves nothing half-made behind.

use std::fs;
use std::path::{Path, PathBuf};
use std::process;

use rusqlite::{Connection, OpenFlags, Transaction, params};

use crate::db::DbError;
use crate::stock::{FIRST_NAMES, INITIALS, KEEPINGS, MAKERS, MAKINGS, PLACES, REVIEWS, SHELVES, Shelf};

/// Marks the file as ours: "shop".
const APPLICATION: i32 = 0x7368_6f70;
/// Raised when the tables or the data change; an older file is built anew.
const VERSION: i32 = 1;

const SCHEMA: &str = "
    CREATE TABLE category (
        id INTEGER PRIMARY KEY, slug TEXT NOT NULL UNIQUE, name TEXT NOT NULL, blurb TEXT NOT NULL
    );
    CREATE TABLE product (
        id INTEGER PRIMARY KEY, category_id INTEGER NOT NULL REFERENCES category (id),
        name TEXT NOT NULL UNIQUE, description TEXT NOT NULL,
        price INTEGER NOT NULL CHECK (price > 0)
    );
    CREATE TABLE purchase (
        id INTEGER PRIMARY KEY, customer TEXT NOT NULL, placed_on TEXT NOT NULL
    );
    CREATE TABLE order_line (
        order_id INTEGER NOT NULL REFERENCES purchase (id),
        product_id INTEGER NOT NULL REFERENCES product (id),
        quantity INTEGER NOT NULL, price INTEGER NOT NULL,
        PRIMARY KEY (order_id, product_id)
    ) WITHOUT ROWID;
    CREATE TABLE review (
        id INTEGER PRIMARY KEY, product_id INTEGER NOT NULL REFERENCES product (id),
        stars INTEGER NOT NULL CHECK (stars BETWEEN 1 AND 5),
        author TEXT NOT NULL, body TEXT NOT NULL
    );";

/// Made after the rows, which is faster.
const INDEXES: &str = "
    CREATE INDEX product_by_category ON product (category_id);
    CREATE INDEX purchase_by_day ON purchase (placed_on);
    CREATE INDEX line_by_product ON order_line (product_id, order_id, quantity);
    CREATE INDEX review_by_product ON review (product_id);
    ANALYZE;";

/// How much the shop holds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scale {
    pub(crate) products_per_shelf: u32,
    pub(crate) orders: u32,
    pub(crate) reviews: u32,
}

impl Scale {
    /// 24,000 products and about 400,000 order lines: enough for a query to take its time.
    pub(crate) const FULL: Self = Self { products_per_shelf: 2_000, orders: 120_000, reviews: 60_000 };
}

/// What is there before the shop opens.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// Our file, of this version.
    Ready,
    /// Nothing, or our file of another version.
    Nothing,
    /// A file that is not ours; it must not be touched.
    Foreign,
}

/// Looks at `file` without changing it.
pub(crate) fn inspect(file: &Path) -> Result<Found, DbError> {
    // An empty file is what `mktemp` leaves.
    let nothing = |data: fs::Metadata| data.is_file() && data.len() == 0;
    if fs::metadata(file).map_or(true, nothing) {
        return Ok(Found::Nothing);
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(file, flags)?;
    let pragma = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i32>(0));
    let application = match pragma("application_id") {
        Ok(application) => application,
        Err(error) if error.sqlite_error_code() == Some(rusqlite::ErrorCode::NotADatabase) => {
            return Ok(Found::Foreign);
        }
        Err(error) => return Err(error.into()),
    };
    Ok(match (application, pragma("user_version")?) {
        (APPLICATION, VERSION) => Found::Ready,
        (APPLICATION, _) => Found::Nothing,
        _ => Found::Foreign,
    })
}

/// Writes the whole database to `file`.
pub(crate) fn build(file: &Path, scale: Scale) -> Result<(), BuildError> {
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    let draft = beside(file, &format!(".{}.draft", process::id()));
    let written = write(&draft, scale).and_then(|()| {
        // What an older file left behind would be read as part of the new one.
        for leftover in ["-wal", "-shm"] {
            let _ = fs::remove_file(beside(file, leftover));
        }
        Ok(fs::rename(&draft, file)?)
    });
    if written.is_err() {
        let _ = fs::remove_file(&draft);
    }
    written
}

/// Why the database could not be built.
#[derive(Debug)]
pub(crate) enum BuildError {
    /// The file or its folder can't be written.
    Io(std::io::Error),
    /// `SQLite` refused.
    Db(DbError),
}

impl From<std::io::Error> for BuildError {
    fn from(error: std::io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<rusqlite::Error> for BuildError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Db(error.into())
    }
}

impl std::fmt::Display for BuildError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Io(error) => error.fmt(f),
            Self::Db(error) => error.fmt(f),
        }
    }
}

fn beside(file: &Path, suffix: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

fn write(file: &Path, scale: Scale) -> Result<(), BuildError> {
    let mut connection = Connection::open(file)?;
    // The draft is thrown away if anything fails, so it needs no journal.
    connection.pragma_update(None, "journal_mode", "off")?;
    connection.pragma_update(None, "synchronous", "off")?;
    let transaction = connection.transaction()?;
    transaction.execute_batch(SCHEMA)?;
    let prices = write_products(&transaction, scale)?;
    write_orders(&transaction, scale, &prices)?;
    write_reviews(&transaction, scale)?;
    transaction.execute_batch(INDEXES)?;
    transaction.commit()?;
    connection.pragma_update(None, "user_version", VERSION)?;
    connection.pragma_update(None, "application_id", APPLICATION)?;
    connection.close().map_err(|(_, error)| error)?;
    Ok(())
}

/// Returns the price of each product; the product of the first price has the id 1.
fn write_products(transaction: &Transaction<'_>, scale: Scale) -> rusqlite::Result<Vec<i64>> {
    let mut category = transaction.prepare("INSERT INTO category (id, slug, name, blurb) VALUES (?1, ?2, ?3, ?4)")?;
    let mut product =
        transaction.prepare("INSERT INTO product (category_id, name, description, price) VALUES (?1, ?2, ?3, ?4)")?;
    let mut dice = Dice(1);
    let mut prices = Vec::new();
    for (id, shelf) in (1_u32..).zip(&SHELVES) {
        category.execute(params![id, shelf.slug, shelf.name, shelf.blurb])?;
        for number in 0..scale.products_per_shelf {
            let goods = Goods::of(shelf, number, &mut dice);
            product.execute(params![id, goods.name, goods.description, goods.price])?;
            prices.push(goods.price);
        }
    }
    Ok(prices)
}

struct Goods {
    name: String,
    description: String,
    price: i64,
}

impl Goods {
    /// The shelf's `number`-th combination of maker, quality, kind and size. All of them differ:
    /// the step shares no factor with the 7,200 combinations.
    fn of(shelf: &Shelf, number: u32, dice: &mut Dice) -> Self {
        let mut rest = (number as usize).wrapping_mul(3_779);
        let mut digit = |base: usize| {
            let digit = rest % base;
            rest /= base;
            digit
        };
        let maker = MAKERS[digit(MAKERS.len())];
        let (kind, pence) = shelf.kinds[digit(shelf.kinds.len())];
        let quality = shelf.qualities[digit(shelf.qualities.len())];
        let (size, percent) = shelf.sizes[digit(shelf.sizes.len())];
        let spread = 85 + i64::from(dice.below(31));
        Self {
            name: format!("{maker} {quality} {kind}, {size}"),
            description: format!(
                "{quality} {kind} by {maker}, from {place}. {making}. {first} {keeping} \
                 {maker} has been on our {shelf} shelf since {year}.",
                quality = quality,
                kind = kind,
                place = dice.pick(&PLACES),
                making = dice.pick(&MAKINGS),
                first = dice.pick(&shelf.uses),
                keeping = dice.pick(&KEEPINGS),
                shelf = shelf.name.to_lowercase(),
                year = 1998 + dice.below(26),
            ),
            // A price ends in 5 or 0, like prices do.
            price: (pence * percent * spread / 10_000 + 4) / 5 * 5,
        }
    }
}

/// Two years of orders: some products sell far more than others, and what is bought together keeps
/// being so.
fn write_orders(transaction: &Transaction<'_>, scale: Scale, prices: &[i64]) -> rusqlite::Result<()> {
    let mut order = transaction
        .prepare("INSERT INTO purchase (id, customer, placed_on) VALUES (?1, ?2, date('2026-10-31', ?3))")?;
    let mut line = transaction.prepare(
        "INSERT OR IGNORE INTO order_line (order_id, product_id, quantity, price)
         VALUES (?1, ?2, ?3, ?4)",
    )?;
    let mut dice = Dice(2);
    let products = u32::try_from(prices.len()).unwrap_or(u32::MAX);
    for id in 1..=scale.orders {
        let days_ago = 730 - u64::from(id) * 730 / u64::from(scale.orders.max(1));
        order.execute(params![id, dice.person(), format!("-{days_ago} days")])?;
        let first = dice.popular(products);
        for number in 0..=dice.below(6) {
            let product = match number {
                0 => first,
                _ if dice.below(100) < 45 => companion(first, dice.below(5), products),
                _ => dice.popular(products),
            };
            let price = prices.get(product as usize).copied().unwrap_or(100);
            line.execute(params![id, product + 1, 1 + dice.below(3), price])?;
        }
    }
    Ok(())
}

/// One of the five products that tend to be in the basket with `product`.
fn companion(product: u32, which: u32, products: u32) -> u32 {
    let seed = u64::from(product) * 5 + u64::from(which);
    Dice(seed.wrapping_mul(0x9e37_79b9)).popular(products)
}

fn write_reviews(transaction: &Transaction<'_>, scale: Scale) -> rusqlite::Result<()> {
    let mut review =
        transaction.prepare("INSERT INTO review (product_id, stars, author, body) VALUES (?1, ?2, ?3, ?4)")?;
    let mut dice = Dice(3);
    let products = scale.products_per_shelf * u32::try_from(SHELVES.len()).unwrap_or(u32::MAX);
    for _ in 0..scale.reviews {
        let product = dice.popular(products);
        // Each product has its own quality: most are good, a few are not.
        let stars = match (dice.below(100) + Dice(product.into()).below(40)).min(119) {
            0..10 => 1_u8,
            10..22 => 2,
            22..42 => 3,
            42..75 => 4,
            _ => 5,
        };
        let body = dice.pick(&REVIEWS[usize::from(stars) - 1]);
        review.execute(params![product + 1, stars, dice.person(), body])?;
    }
    Ok(())
}

/// A small generator of numbers (splitmix64): the same ones on every machine.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`, which is not zero.
    fn below(&mut self, end: u32) -> u32 {
        let high_half = self.next() >> 32;
        u32::try_from((high_half * u64::from(end)) >> 32).unwrap_or_default()
    }

    fn pick(&mut self, words: &[&'static str]) -> &'static str {
        let end = u32::try_from(words.len()).unwrap_or(u32::MAX);
        words.get(self.below(end) as usize).copied().unwrap_or_default()
    }

    fn person(&mut self) -> String {
        format!("{} {}", self.pick(&FIRST_NAMES), self.pick(&INITIALS))
    }

    /// A product, counted from 0. Few come up often and most seldom, and each shelf has its share
    /// of both.
    fn popular(&mut self, products: u32) -> u32 {
        const ONE: u64 = 1 << 20;
        // Starting above zero keeps the very first from outselling all others together.
        const START: u64 = ONE / 20;
        let products = u64::from(products.max(1));
        let part = START + self.next() % (ONE - START);
        let rank = (((part.pow(3) - START.pow(3)) >> 20) * products) >> 40;
        u32::try_from(rank * 7_919 % products).unwrap_or_default()
    }
}
