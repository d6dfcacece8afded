fn main() {
    let page = larder::fragment!(key = "page", store_if = |page: &String| page.is_empty(), { 7 });
    drop(page);
}
