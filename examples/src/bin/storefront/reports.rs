//! The shop's questions about its sales: they read hundreds of thousands of order lines.
//!
//! Nobody needs them up to the minute, and nobody should wait for them: past their timeout visitors see the old
//! answer while a new one is looked up, and for an hour if the database fails. A new price is another matter:
//! `pricing.rs` says which answers it makes untrue, and those are never shown again.

use std::sync::Arc;

use larder::cached;
use rusqlite::{OptionalExtension, Row, params};
use serde::{Deserialize, Serialize};

use crate::catalog::{Rating, rating};
use crate::db::{Db, DbError};
use crate::period::Period;

/// What the front page shows.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct FrontPage {
    favourites: Vec<Favourite>,
}

/// The product that a shelf sells most of.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Favourite {
    id: u32,
    name: String,
    price: i64,
    shelf: String,
    shelf_slug: String,
    units: u32,
}

/// The best seller of each shelf in the last month of trading.
#[cached(timeout = 60, stale_while_revalidate = "10m", stale_if_error = "1h", key = "front_page")]
pub(crate) async fn front_page(db: &Db) -> Result<Arc<FrontPage>, DbError> {
    db.run(|connection| {
        let mut query = connection.prepare_cached(
            "WITH sold AS (
                 SELECT l.product_id AS id, SUM(l.quantity) AS units
                 FROM order_line l JOIN purchase o ON o.id = l.order_id
                 WHERE o.placed_on > (SELECT date(MAX(placed_on), '-30 days') FROM purchase)
                 GROUP BY l.product_id
             ), ranked AS (
                 SELECT p.id, p.name, p.price, p.category_id, units,
                        ROW_NUMBER() OVER (
                            PARTITION BY p.category_id ORDER BY units DESC, p.id
                        ) AS place
                 FROM sold JOIN product p USING (id)
             )
             SELECT r.id, r.name, r.price, c.name, c.slug, r.units
             FROM ranked r JOIN category c ON c.id = r.category_id
             WHERE place = 1 ORDER BY r.units DESC",
        )?;
        let favourite = |row: &Row<'_>| {
            Ok(Favourite {
                id: row.get(0)?,
                name: row.get(1)?,
                price: row.get(2)?,
                shelf: row.get(3)?,
                shelf_slug: row.get(4)?,
                units: row.get(5)?,
            })
        };
        let favourites = query.query_map([], favourite)?.collect::<Result<_, _>>()?;
        Ok(Arc::new(FrontPage { favourites }))
    })
    .await
}

/// What a shelf sold in a period.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Report {
    pub(crate) shelf: String,
    blurb: String,
    units: u32,
    revenue: i64,
    rows: Vec<Seller>,
}

/// One line of the report.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Seller {
    id: u32,
    name: String,
    price: i64,
    units: u32,
    revenue: i64,
    customers: u32,
    rating: Rating,
}

/// The twenty best sellers of a shelf, or `None` if there is no such shelf.
///
/// There is a report for each period; the tag stands for all of a shelf.
#[cached(
    timeout = 60,
    stale_while_revalidate = "10m",
    stale_if_error = "1h",
    key = "best_sellers:<shelf>:<period>",
    tags("shelf:<shelf>")
)]
pub(crate) async fn best_sellers(db: &Db, shelf: &str, period: Period) -> Result<Option<Arc<Report>>, DbError> {
    let shelf = shelf.to_owned();
    db.run(move |connection| {
        let found = connection
            .prepare_cached("SELECT id, name, blurb FROM category WHERE slug = ?1")?
            .query_row([shelf], |row| {
                let report = Report { shelf: row.get(1)?, blurb: row.get(2)?, units: 0, revenue: 0, rows: Vec::new() };
                Ok((row.get::<_, u32>(0)?, report))
            })
            .optional()?;
        let Some((id, mut report)) = found else {
            return Ok(None);
        };
        let mut query = connection.prepare_cached(
            "SELECT p.id, p.name, p.price, SUM(l.quantity) AS units, SUM(l.quantity * l.price),
                    COUNT(DISTINCT o.customer),
                    SUM(SUM(l.quantity)) OVER (), SUM(SUM(l.quantity * l.price)) OVER ()
             FROM purchase o
             JOIN order_line l ON l.order_id = o.id
             JOIN product p ON p.id = l.product_id
             WHERE o.placed_on > (SELECT date(MAX(placed_on), ?1) FROM purchase)
               AND p.category_id = ?2
             GROUP BY p.id ORDER BY units DESC, p.id LIMIT 20",
        )?;
        let mut rows = query.query(params![format!("-{} days", period.days()), id])?;
        while let Some(row) = rows.next()? {
            let id = row.get(0)?;
            report.units = row.get(6)?;
            report.revenue = row.get(7)?;
            report.rows.push(Seller {
                id,
                name: row.get(1)?,
                price: row.get(2)?,
                units: row.get(3)?,
                revenue: row.get(4)?,
                customers: row.get(5)?,
                rating: rating(connection, id)?,
            });
        }
        Ok(Some(Arc::new(report)))
    })
    .await
}
