//! The tokio runtime of whoever calls, if there is one. The only file that names tokio.

#[cfg(feature = "tokio")]
pub(super) use with_tokio::Runtime;
#[cfg(not(feature = "tokio"))]
pub(super) use without::Runtime;

#[cfg(feature = "tokio")]
mod with_tokio {
    use tokio::runtime::Handle;

    use crate::background::task::Task;

    /// A runtime. Holding it does not keep it from shutting down; then it drops what is spawned.
    pub(in crate::background) struct Runtime(Handle);

    impl Runtime {
        pub(in crate::background) fn current() -> Option<Self> {
            Handle::try_current().ok().map(Self)
        }

        pub(in crate::background) fn spawn(&self, task: Task) {
            // Nobody waits for the task; its panics are caught in it.
            drop(self.0.spawn(task));
        }

        /// Runs something that may ask for the current runtime.
        pub(in crate::background) fn hold<T>(&self, run: impl FnOnce() -> T) -> T {
            let _entered = self.0.enter();
            run()
        }
    }
}

#[cfg(not(feature = "tokio"))]
mod without {
    use crate::background::task::Task;

    /// There is none.
    pub(in crate::background) enum Runtime {}

    impl Runtime {
        pub(in crate::background) fn current() -> Option<Self> {
            None
        }

        pub(in crate::background) fn spawn(&self, _task: Task) {
            match *self {}
        }

        pub(in crate::background) fn hold<T>(&self, _run: impl FnOnce() -> T) -> T {
            match *self {}
        }
    }
}
