//! The responses of web handlers: what a stored one costs, beside a body that runs, a value that is stored, and a peer.

mod calls;
pub(crate) mod loopback;
pub(crate) mod memory;
mod pages;

use std::io;

use crate::report::Section;
use crate::{Effort, peers};

pub(crate) fn measure(effort: Effort) -> io::Result<Section> {
    eprintln!("http");
    let mut section = Section::new("Responses of handlers");
    let now = httpdate::fmt_http_date(std::time::SystemTime::now());
    section.paragraph(&format!("Measured on {now}."));
    calls::measure(effort, &mut section);
    if peers::ONLY.get().is_none() {
        memory::measure(&mut section);
        loopback::measure(effort, &mut section)?;
    }
    Ok(section)
}
