//! The scripts, each of which is one atomic step, and how they are called.
//!
//! Every key of a script is made from one text that holds a hash tag, so that all of them are in one slot of a cluster. Everything
//! else is an argument. The first call names the script by its hash; a server that does not know it is given the whole script.

use std::sync::OnceLock;

use redis::{Arg, Cmd, Pipeline};

/// One script.
#[derive(Debug)]
pub(super) struct Script {
    code: &'static str,
    hash: OnceLock<String>,
}

macro_rules! scripts {
    ($($name:ident = $file:literal),+ $(,)?) => {
        $(pub(super) static $name: Script = Script {
            code: concat!(include_str!("scripts/prelude.lua"), include_str!($file)),
            hash: OnceLock::new(),
        };)+

        static ALL: &[&Script] = &[$(&$name),+];
    };
}

scripts! {
    LEASE = "scripts/lease.lua",
    GENERATIONS = "scripts/gens.lua",
    FILL = "scripts/fill.lua",
    RELEASE = "scripts/release.lua",
    RENEW = "scripts/renew.lua",
    WRITE = "scripts/write.lua",
    INCREMENT = "scripts/increment.lua",
    REMOVE = "scripts/inval.lua",
    EXPIRE = "scripts/stale.lua",
    BUMP = "scripts/bump.lua",
}

impl Script {
    fn hash(&self) -> &str {
        self.hash.get_or_init(|| redis::Script::new(self.code).get_hash().to_owned())
    }

    /// Adds a call with these keys to the pipeline; the arguments follow by `arg`.
    pub(super) fn call<'a>(&self, calls: &'a mut Pipeline, keys: &[&str]) -> &'a mut Pipeline {
        calls.cmd("EVALSHA").arg(self.hash()).arg(keys.len()).arg(keys)
    }
}

/// The same call with the whole script; none if it does not call one.
pub(super) fn in_full(call: &Cmd) -> Option<Cmd> {
    let mut arguments = call.args_iter().filter_map(|argument| match argument {
        Arg::Simple(bytes) => Some(bytes),
        _ => None,
    });
    let name = arguments.next()?;
    let hash = arguments.next()?;
    let script = ALL.iter().find(|script| name == b"EVALSHA" && script.hash().as_bytes() == hash)?;
    let mut full = redis::cmd("EVAL");
    full.arg(script.code);
    for argument in arguments {
        full.arg(argument);
    }
    Some(full)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use redis::Pipeline;

    use super::{LEASE, in_full};
    use crate::shared::envelope::LONGEST;

    #[test]
    fn they_know_how_long_a_value_may_be() {
        assert!(LEASE.code.contains(&format!("most or {LONGEST}\n")));
    }

    #[test]
    fn a_call_is_repeated_with_the_whole_script() {
        let mut calls = Pipeline::new();
        LEASE.call(&mut calls, &["{k}", "{k}:l"]).arg("token").arg(10).arg("");
        let full = in_full(calls.cmd_iter().next().unwrap()).unwrap();
        let mut expected = redis::cmd("EVAL");
        expected.arg(LEASE.code).arg(2).arg("{k}").arg("{k}:l").arg("token").arg(10).arg("");
        assert_eq!(full.get_packed_command(), expected.get_packed_command());
        assert!(in_full(redis::cmd("GET").arg("k")).is_none());
        assert!(in_full(redis::cmd("EVALSHA").arg("0").arg(0)).is_none());
    }
}
