//! Responses of web handlers, through axum routers. Time is moved by hand, and loads wait at gates.

#[path = "../it/support.rs"]
#[expect(dead_code, reason = "these tests need a part of it")]
mod support;

mod actix;
mod app;
mod bodies;
mod changes;
mod conditions;
mod failures;
mod hangups;
mod layer;
mod loading;
mod oracle;
mod passing;
mod places;
mod rfc9111;
mod shared;
mod storing;
mod targets;
mod told;
mod variants;
mod waiters;
mod wishes;
