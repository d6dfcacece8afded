//! Types that are called like extractors of web frameworks, and are none.

use larder::{KeyPart, cached};

#[derive(Clone, Debug, Hash, PartialEq, Eq, KeyPart)]
pub struct Path<T>(pub Vec<T>);

#[derive(Clone, Debug, KeyPart)]
pub struct Query<T> {
    pub text: String,
    pub values: Vec<T>,
}

#[cached]
async fn shortest(path: Path<u32>) -> usize {
    path.0.len()
}

#[cached]
async fn rows(Query { text, values }: Query<u64>) -> Vec<String> {
    values.iter().map(|value| format!("{text} {value}")).collect()
}

// Taken apart, it needs its module.
#[cached]
async fn steps(Path(steps): self::Path<u32>) -> usize {
    steps.len()
}

fn main() {
    drop((shortest(Path(vec![1])), rows(Query { text: String::new(), values: vec![1] }), steps(Path(vec![1]))));
}
