//! Handlers of web frameworks: whole responses, through real routers and services.

#![expect(clippy::unused_async, reason = "handlers are async, whether or not they wait")]

mod actix;
mod associated;
mod attributes;
mod companions;
mod conditions;
mod guards;
mod keys;
mod names;
mod results;
mod revisions;
mod shapes;
mod support;
mod tenants;
mod timeouts;
mod writers;
