//! Handlers of web frameworks: whole responses, through real routers and services.

mod actix;
mod attributes;
mod companions;
mod guards;
mod keys;
mod shapes;
mod support;
mod writers;
