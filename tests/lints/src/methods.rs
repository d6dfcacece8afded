//! Methods, with and without an entry function.

use std::fmt::Debug;
use std::sync::Arc;

use larder::{Cache, KeyPart, cached};

/// Users of one tenant.
#[derive(Debug)]
pub struct Users {
    cache: Cache,
    tenant: u64,
}

impl Users {
    /// One user.
    #[cached(timeout = 60, key = "user:<self.tenant>:<id>", cache = self.cache, entry = user_entry)]
    #[must_use]
    pub fn user(&self, id: u64) -> u64 {
        self.tenant + id
    }

    /// The same without hurry.
    ///
    /// # Errors
    ///
    /// None.
    #[cached(key = "later:<self.tenant>:<id>", entry = later_entry)]
    pub async fn later(&self, id: u64) -> Result<u64, String> {
        Ok(std::future::ready(self.tenant + id).await)
    }

    /// Whoever asks.
    #[cached(ignore(self), entry = anybody_entry)]
    #[must_use]
    pub fn anybody(&self, id: u64) -> u64 {
        id
    }

    #[cached(ignore(self), entry = nobody_entry)]
    fn nobody(&self, id: u64) -> u64 {
        id
    }

    #[cached(ignore(self, db), entry = somebody_entry)]
    async fn somebody(&self, db: &Users, id: u64) -> u64 {
        std::future::ready(db.tenant + id).await
    }

    /// The body stays inside.
    #[cached(key = "inside:<self.tenant>:<id>")]
    #[must_use]
    pub fn inside(&self, id: u64) -> u64 {
        self.tenant + id
    }

    /// Its question mark, too.
    ///
    /// # Errors
    ///
    /// For zero.
    #[cached(key = "inside_later:<self.tenant>:<id>")]
    pub async fn inside_later(&self, id: u64) -> Result<u64, String> {
        let id = std::future::ready(id.checked_sub(1)).await.ok_or("zero")?;
        Ok(id + self.tenant)
    }

    /// Without receiver.
    #[cached(entry = of_nobody_entry)]
    #[must_use]
    pub fn of_nobody(id: u64) -> u64 {
        id
    }

    /// By value.
    #[cached(key = "shared:<self.tenant>", entry = shared_entry)]
    #[must_use]
    pub fn shared(self: Arc<Self>) -> u64 {
        self.tenant
    }

    fn private(&self) -> u64 {
        let _ = self.nobody_entry(3).get();
        drop((self.somebody(self, 3), self.somebody_entry(3)));
        self.nobody(3)
    }
}

/// Something that looks things up.
pub trait Lookup {
    /// What it finds.
    type Found;

    /// Finds it.
    fn find(&self, id: u64) -> Self::Found;

    /// Finds it later.
    fn find_later(&self, id: u64) -> impl Future<Output = u64> + Send;

    /// Finds nothing.
    #[cached(key = "nothing:<Self>:<id>", ignore(self), unless = id == 0)]
    fn nothing(&self, id: u64) -> Option<u64> {
        id.checked_sub(1)
    }
}

impl Lookup for Users {
    type Found = u64;

    #[cached(key = "find:<self.tenant>:<id>")]
    fn find(&self, id: u64) -> u64 {
        self.private() + id
    }

    #[cached(key = "find_later:<self.tenant>:<id>")]
    async fn find_later(&self, id: u64) -> u64 {
        std::future::ready(self.tenant).await + id
    }
}

/// Any table.
#[derive(Debug)]
pub struct Table<T>(T);

impl<T: KeyPart + Clone + Debug + Send + Sync + 'static> Table<T> {
    /// The value.
    #[cached(key = "table:<self.0>:<id>", entry = get_entry)]
    #[must_use]
    pub fn get(&self, id: u64) -> (T, u64) {
        (self.0.clone(), id)
    }

    /// The value as text.
    #[cached(key = "text:<Self>:<self.0>")]
    #[must_use]
    pub fn text(&self) -> String {
        format!("{self:?}")
    }
}
