//! A port that belongs to one test until it lets go.

use std::net::{Ipv4Addr, SocketAddrV4};
use std::os::fd::OwnedFd;

use rustix::net::{AddressFamily, SocketType, bind, getsockname, ipproto, socket, sockopt};

/// A free port of the loopback device, held by a socket that is bound and does not listen: the system gives the port to nobody else,
/// connections to it are refused, and a server that sets `SO_REUSEADDR` (all here do) may listen on it, die, and listen again.
#[derive(Debug)]
pub(crate) struct Port {
    number: u16,
    _holder: OwnedFd,
}

impl Port {
    pub(crate) fn reserve() -> Self {
        let reserve = || {
            let holder = socket(AddressFamily::INET, SocketType::STREAM, Some(ipproto::TCP))?;
            rustix::io::fcntl_setfd(&holder, rustix::io::FdFlags::CLOEXEC)?;
            sockopt::set_socket_reuseaddr(&holder, true)?;
            bind(&holder, &SocketAddrV4::new(Ipv4Addr::LOCALHOST, 0))?;
            let number = SocketAddrV4::try_from(getsockname(&holder)?)?.port();
            rustix::io::Result::Ok(Self { number, _holder: holder })
        };
        reserve().expect("a port of the loopback device is free")
    }

    pub(crate) fn number(&self) -> u16 {
        self.number
    }
}
