//! The one thing that changes in this shop, and what must be forgotten when it does.

use larder::{invalidates, tag};
use rusqlite::params;

use crate::catalog::{Product, cards, product};
use crate::db::Db;
use crate::failure::Failure;
use crate::reports::front_page;

/// Writes a new price, in pence.
///
/// When it returns, no page shows the old price: also not one that was being built meanwhile. Above it stands what shows
/// the price: entries that are known by their arguments, and the reports of one shelf, whatever their period. If the write
/// fails, nothing is forgotten.
#[invalidates(
    product::entry(db, changed.id),
    cards::entry(db, changed.id),
    front_page::entry(db),
    tag!("shelf:<changed.shelf_slug>"),
    on_error = return
)]
pub(crate) async fn set_price(db: &Db, changed: &Product, price: i64) -> Result<(), Failure> {
    let id = changed.id;
    let write = "UPDATE product SET price = ?2 WHERE id = ?1";
    match db.run(move |connection| Ok(connection.execute(write, params![id, price])?)).await? {
        0 => Err(Failure::NotFound),
        _ => Ok(()),
    }
}
