//! Handlers of web frameworks: whole responses, through real routers and services.

mod keys;
mod shapes;
mod support;
