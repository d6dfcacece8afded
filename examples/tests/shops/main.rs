//! Storefronts as they are started, over real files: seen by programs, and by people in browsers.

mod shop;

mod browsers;

mod pages;

mod two_shops;
