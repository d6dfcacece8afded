//! The one thing that changes in this shop, and what must be forgotten when it does.

use rusqlite::params;

use crate::catalog::product;
use crate::db::Db;
use crate::failure::Failure;
use crate::reports::{best_sellers, front_page};
use crate::search::search;

/// Writes a new price, in pence; `false` if there is no such product.
///
/// When it returns, no page shows the old price: also not one that was being built meanwhile.
pub(crate) async fn set_price(db: &Db, id: u32, price: i64) -> Result<bool, Failure> {
    let write = "UPDATE product SET price = ?2 WHERE id = ?1";
    let changed = db.run(move |connection| Ok(connection.execute(write, params![id, price])?)).await?;
    if changed == 0 {
        return Ok(false);
    }
    // Entries that are known by their arguments,
    product::entry(db, id).invalidate().await?;
    front_page::entry(db).invalidate().await?;
    // and functions of whose entries any may show the price.
    best_sellers::all().bump().await?;
    search::all().bump().await?;
    Ok(true)
}
