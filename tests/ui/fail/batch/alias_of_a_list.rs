use larder::cached;

type List = Vec<u64>;

struct Rows;

impl Rows {
    #[cached(batch, ignore(self))]
    fn rows(&self, ids: &[u64]) -> List {
        ids.to_vec()
    }
}

fn main() {
    let _ = Rows.rows(&[3]);
}
