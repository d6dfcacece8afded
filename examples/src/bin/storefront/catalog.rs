//! The shop's questions about its goods: ordinary functions, with one attribute each.
//!
//! The async ones take the [`Db`] and are called by handlers. Those that take a [`Connection`] are
//! asked by other questions, in their turn on a blocking thread.
//!
//! What changes together is kept together: a price is part of [`product()`] and [`cards()`] and not of
//! [`bought_together()`], so that a new price costs two cheap queries and not the dear one.

use std::collections::HashMap;
use std::sync::Arc;

use larder::cached;
use rusqlite::{Connection, OptionalExtension, Row};
use serde::{Deserialize, Serialize};

use crate::db::{Db, DbError};

/// A shelf of the shop.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Category {
    id: u32,
    pub(crate) slug: String,
    pub(crate) name: String,
    blurb: String,
    products: u32,
}

/// All shelves, for the menu of every page: if the database fails, those of today do.
#[cached(timeout = "1h", stale_if_error = "1d", key = "categories")]
pub(crate) async fn categories(db: &Db) -> Result<Arc<Vec<Category>>, DbError> {
    db.run(|connection| {
        let mut query = connection.prepare_cached(
            "SELECT c.id, c.slug, c.name, c.blurb, COUNT(*)
             FROM category c JOIN product p ON p.category_id = c.id GROUP BY c.id",
        )?;
        let shelf = |row: &Row<'_>| {
            Ok(Category {
                id: row.get(0)?,
                slug: row.get(1)?,
                name: row.get(2)?,
                blurb: row.get(3)?,
                products: row.get(4)?,
            })
        };
        let shelves = query.query_map([], shelf)?.collect::<Result<_, _>>()?;
        Ok(Arc::new(shelves))
    })
    .await
}

/// A product with what its page says about it.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Product {
    pub(crate) id: u32,
    pub(crate) name: String,
    description: String,
    pub(crate) price: i64,
    shelf: String,
    pub(crate) shelf_slug: String,
    /// Its place among the best sellers of its shelf, if it has sold lately.
    place: Option<u32>,
    rating: Rating,
    reviews: Vec<Review>,
}

/// What one customer thinks.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Review {
    stars: u8,
    author: String,
    body: String,
}

/// One product, or `None` if there is none with this number.
#[cached(timeout = 60, key = "product:<id>")]
pub(crate) async fn product(db: &Db, id: u32) -> Result<Option<Arc<Product>>, DbError> {
    db.run(move |connection| {
        let found = connection
            .prepare_cached(
                "SELECT p.name, p.description, p.price, c.name, c.slug, c.id
                 FROM product p JOIN category c ON c.id = p.category_id WHERE p.id = ?1",
            )?
            .query_row([id], |row| {
                let product = Product {
                    id,
                    name: row.get(0)?,
                    description: row.get(1)?,
                    price: row.get(2)?,
                    shelf: row.get(3)?,
                    shelf_slug: row.get(4)?,
                    place: None,
                    rating: Rating::default(),
                    reviews: Vec::new(),
                };
                Ok((product, row.get::<_, u32>(5)?))
            })
            .optional()?;
        let Some((mut product, shelf)) = found else {
            return Ok(None);
        };
        product.place = places(connection, shelf)?.get(&id).copied();
        product.rating = rating(connection, id)?;
        product.reviews = latest_reviews(connection, id)?;
        Ok(Some(Arc::new(product)))
    })
    .await
}

/// What a list says about one of its products.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Card {
    id: u32,
    name: String,
    price: i64,
    shelf: String,
    shelf_slug: String,
}

/// The cards of many products in one query, without those that the cache has: each product has an entry
/// of its own, shared by all lists that it is on.
#[cached(batch, timeout = "5m", key = "card:<ids>")]
pub(crate) async fn cards(db: &Db, ids: &[u32]) -> Result<HashMap<u32, Arc<Card>>, DbError> {
    // `[1, 2, 3]`, as JSON writes it, too: one statement serves any number of them.
    let ids = format!("{ids:?}");
    db.run(move |connection| {
        let mut query = connection.prepare_cached(
            "SELECT p.id, p.name, p.price, c.name, c.slug FROM product p JOIN category c ON c.id = p.category_id
             WHERE p.id IN (SELECT value FROM json_each(?1))",
        )?;
        let card = |row: &Row<'_>| {
            let card = Card {
                id: row.get(0)?,
                name: row.get(1)?,
                price: row.get(2)?,
                shelf: row.get(3)?,
                shelf_slug: row.get(4)?,
            };
            Ok((card.id, Arc::new(card)))
        };
        Ok(query.query_map([ids], card)?.collect::<Result<_, _>>()?)
    })
    .await
}

fn latest_reviews(connection: &Connection, product: u32) -> Result<Vec<Review>, DbError> {
    let mut query = connection
        .prepare_cached("SELECT stars, author, body FROM review WHERE product_id = ?1 ORDER BY id DESC LIMIT 4")?;
    let review = |row: &Row<'_>| Ok(Review { stars: row.get(0)?, author: row.get(1)?, body: row.get(2)? });
    Ok(query.query_map([product], review)?.collect::<Result<_, _>>()?)
}

/// The place of each product of a shelf among its best sellers of the last quarter: asked once for all
/// products of the shelf.
#[cached(timeout = "5m", key = "places:<shelf>", ignore(connection))]
pub(crate) fn places(connection: &Connection, shelf: u32) -> Result<Arc<HashMap<u32, u32>>, DbError> {
    let mut query = connection.prepare_cached(
        "SELECT p.id, RANK() OVER (ORDER BY SUM(l.quantity) DESC)
         FROM product p
         JOIN order_line l ON l.product_id = p.id
         JOIN purchase o ON o.id = l.order_id
         WHERE p.category_id = ?1
           AND o.placed_on > (SELECT date(MAX(placed_on), '-90 days') FROM purchase)
         GROUP BY p.id",
    )?;
    let places = query.query_map([shelf], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?;
    Ok(Arc::new(places))
}

/// What customers think of a product, in sum.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub(crate) struct Rating {
    count: u32,
    average: f64,
    /// How many gave one star, two stars, and so on.
    stars: [u32; 5],
}

/// The rating of a product.
#[cached(timeout = "5m", key = "rating:<product>", ignore(connection))]
pub(crate) fn rating(connection: &Connection, product: u32) -> Result<Rating, DbError> {
    let mut query = connection.prepare_cached(
        "SELECT COUNT(*), COALESCE(AVG(stars), 0),
                COUNT(*) FILTER (WHERE stars = 1), COUNT(*) FILTER (WHERE stars = 2),
                COUNT(*) FILTER (WHERE stars = 3), COUNT(*) FILTER (WHERE stars = 4),
                COUNT(*) FILTER (WHERE stars = 5)
         FROM review WHERE product_id = ?1",
    )?;
    Ok(query.query_row([product], |row| {
        let stars = [row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?, row.get(6)?];
        Ok(Rating { count: row.get(0)?, average: row.get(1)?, stars })
    })?)
}

/// A product that shares orders with another. It has no price here: a price can change, what was
/// bought can't.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Companion {
    pub(crate) id: u32,
    pub(crate) orders: u32,
}

/// What customers who bought this product bought in the same order.
#[cached(timeout = "1h", key = "bought_together:<id>")]
pub(crate) async fn bought_together(db: &Db, id: u32) -> Result<Arc<Vec<Companion>>, DbError> {
    db.run(move |connection| {
        let mut query = connection.prepare_cached(
            "SELECT other.product_id AS id, COUNT(*) AS orders
             FROM order_line mine
             JOIN order_line other
               ON other.order_id = mine.order_id AND other.product_id <> mine.product_id
             WHERE mine.product_id = ?1
             GROUP BY id HAVING orders > 1 ORDER BY orders DESC, id LIMIT 6",
        )?;
        let companion = |row: &Row<'_>| Ok(Companion { id: row.get(0)?, orders: row.get(1)? });
        let companions = query.query_map([id], companion)?.collect::<Result<_, _>>()?;
        Ok(Arc::new(companions))
    })
    .await
}
