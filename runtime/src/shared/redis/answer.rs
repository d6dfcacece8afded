//! The way of an answer from the store's thread to whoever waits for it.
//!
//! To wake a task from another thread costs a call of the system where its executor has one thread alone, and many answers come at the same
//! time. So of those who wait on one thread one is woken, and wakes the others from there. It may be that it does not, since whoever holds it
//! does something else first: [`Rest::wake`] is called a little later, and wakes those who are left.
//!
//! Memory that one thread takes and another gives back costs both of them time, as allocators keep it apart by threads. So what is asked
//! stays with whoever asks, and is only lent to the store's thread.

use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::thread::{self, ThreadId};

/// Where the answer to a question goes. Without one, whoever waits is told that there will be none.
pub(super) struct Answer<T, Q = ()>(Arc<Slot<T, Q>>);

/// What an answer is waited for by.
pub(super) struct Waiting<T, Q = ()>(Arc<Slot<T, Q>>);

struct Slot<T, Q> {
    question: Q,
    state: Mutex<State<T>>,
}

struct State<T> {
    answer: Option<T>,
    /// Those who are woken by whoever takes the answer.
    others: Option<Arc<Rest>>,
    waker: Option<(Waker, ThreadId)>,
    over: bool,
}

pub(super) fn channel<T, Q>(question: Q) -> (Answer<T, Q>, Waiting<T, Q>) {
    let state = Mutex::new(State { answer: None, others: None, waker: None, over: false });
    let slot = Arc::new(Slot { question, state });
    (Answer(slot.clone()), Waiting(slot))
}

impl<T, Q> Slot<T, Q> {
    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T, Q> Answer<T, Q> {
    pub(super) fn question(&self) -> &Q {
        &self.0.question
    }

    pub(super) fn is_waited_for(&self) -> bool {
        Arc::strong_count(&self.0) > 1
    }

    pub(super) fn send(self, answer: T) {
        let waker = self.put(answer);
        // Whoever is woken is the last to have the question.
        drop(self);
        if let Some((waker, _)) = waker {
            waker.wake();
        }
    }

    /// Who has to be woken.
    fn put(&self, answer: T) -> Option<(Waker, ThreadId)> {
        let mut state = self.0.lock();
        state.answer = Some(answer);
        state.over = true;
        state.waker.take()
    }
}

impl<T, Q> Drop for Answer<T, Q> {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.over = true;
        let waker = state.waker.take();
        drop(state);
        if let Some((waker, _)) = waker {
            waker.wake();
        }
    }
}

/// Sends all of these. The rest has to be woken a little later.
pub(super) fn send_all<T, Q>(answers: impl Iterator<Item = (Answer<T, Q>, T)>) -> Vec<Arc<Rest>> {
    struct Group<T, Q> {
        thread: ThreadId,
        slot: Answer<T, Q>,
        first: Waker,
        others: Vec<Waker>,
    }

    let mut groups: Vec<Group<T, Q>> = Vec::new();
    for (slot, answer) in answers {
        let Some((waker, thread)) = slot.put(answer) else { continue };
        match groups.iter_mut().find(|group| group.thread == thread) {
            Some(group) => group.others.push(waker),
            None => groups.push(Group { thread, slot, first: waker, others: Vec::new() }),
        }
    }
    let mut rests = Vec::new();
    for Group { slot, first, others, .. } in groups {
        if !others.is_empty() {
            let rest = Arc::new(Rest(Mutex::new(others)));
            slot.0.lock().others = Some(rest.clone());
            rests.push(rest);
        }
        drop(slot);
        first.wake();
    }
    rests
}

/// Those who are not woken yet.
pub(super) struct Rest(Mutex<Vec<Waker>>);

impl Rest {
    pub(super) fn wake(&self) {
        let wakers = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        for waker in wakers {
            waker.wake();
        }
    }
}

impl Drop for Rest {
    /// Nobody is left behind, whatever becomes of those who should have woken them.
    fn drop(&mut self) {
        self.wake();
    }
}

impl<T, Q> Future for Waiting<T, Q> {
    /// Nothing if there will be no answer.
    type Output = Option<T>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<T>> {
        let mut state = self.0.lock();
        if !state.over {
            let thread = thread::current().id();
            match &mut state.waker {
                Some((waker, known)) if waker.will_wake(context.waker()) => *known = thread,
                waker => *waker = Some((context.waker().clone(), thread)),
            }
            return Poll::Pending;
        }
        let (answer, others) = (state.answer.take(), state.others.take());
        drop(state);
        if let Some(others) = others {
            others.wake();
        }
        Poll::Ready(answer)
    }
}

impl<T, Q> Drop for Waiting<T, Q> {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        // Nobody waits any more; whoever has sent an answer must not wake this task for it.
        state.waker = None;
        let others = state.others.take();
        drop(state);
        if let Some(others) = others {
            others.wake();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::{Context, Poll, Wake, Waker};

    use futures_lite::future::block_on;

    use super::{channel, send_all};

    #[derive(Default)]
    struct Count(AtomicUsize);

    impl Wake for Count {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }

    impl Count {
        fn get(&self) -> usize {
            self.0.load(Ordering::SeqCst)
        }
    }

    #[test]
    fn an_answer_arrives_from_another_thread_or_is_known_not_to() {
        let (answer, waiting) = channel(());
        let sender = std::thread::spawn(move || answer.send(5));
        assert_eq!(block_on(waiting), Some(5));
        assert!(sender.join().is_ok());
        let (answer, waiting) = channel::<u32, _>(());
        let sender = std::thread::spawn(move || drop(answer));
        assert_eq!(block_on(waiting), None);
        assert!(sender.join().is_ok());
    }

    #[test]
    fn of_many_on_one_thread_one_is_woken_and_wakes_the_others() {
        for drop_first in [false, true] {
            let counts: Vec<Arc<Count>> = (0..4).map(|_| Arc::default()).collect();
            let (answers, waiting): (Vec<_>, Vec<_>) = counts.iter().map(|_| channel(())).unzip();
            let mut waiting: Vec<_> = waiting.into_iter().map(Box::pin).collect();
            let poll = |number: usize, waiting: &mut std::pin::Pin<Box<super::Waiting<u32>>>| {
                let waker = counts.get(number).cloned().map_or_else(|| Waker::noop().clone(), Waker::from);
                waiting.as_mut().poll(&mut Context::from_waker(&waker))
            };
            for (number, waiting) in waiting.iter_mut().enumerate() {
                assert!(poll(number, waiting).is_pending());
            }
            let rest = send_all(answers.into_iter().zip(0..));
            let woken = || counts.iter().map(|count| count.get()).collect::<Vec<_>>();
            assert_eq!(woken(), [1, 0, 0, 0]);
            let mut first = waiting.remove(0);
            if drop_first {
                drop(first);
            } else {
                assert_eq!(poll(0, &mut first), Poll::Ready(Some(0)));
            }
            assert_eq!(woken(), [1; 4]);
            for rest in rest {
                rest.wake();
            }
            assert_eq!(woken(), [1; 4], "nobody is woken twice");
            for (number, waiting) in waiting.iter_mut().enumerate() {
                assert_eq!(poll(number + 1, waiting), Poll::Ready(u32::try_from(number + 1).ok()));
            }
        }
    }

    #[test]
    fn who_is_not_woken_by_the_first_is_woken_by_the_sender() {
        let counts: Vec<Arc<Count>> = (0..3).map(|_| Arc::default()).collect();
        let (answers, mut waiting): (Vec<_>, Vec<_>) = counts.iter().map(|_| channel::<u32, _>(())).unzip();
        for (count, waiting) in counts.iter().zip(&mut waiting) {
            let waker = Waker::from(count.clone());
            assert!(pin!(waiting).poll(&mut Context::from_waker(&waker)).is_pending());
        }
        let rest = send_all(answers.into_iter().zip(0..));
        drop(rest);
        drop(waiting);
        assert!(counts.iter().all(|count| count.get() == 1));
    }

    #[test]
    fn who_waits_on_another_thread_is_woken_from_here() {
        let (answers, waiting): (Vec<_>, Vec<_>) = (0..6).map(|_| channel::<u32, _>(())).unzip();
        std::thread::scope(|scope| {
            let waiters: Vec<_> = waiting.into_iter().map(|waiting| scope.spawn(move || block_on(waiting))).collect();
            // Whoever waits by now has a thread of its own, and whoever does not finds the answer.
            assert!(send_all(answers.into_iter().zip(0..)).is_empty());
            for (number, waiter) in (0..).zip(waiters) {
                assert_eq!(waiter.join().ok().flatten(), Some(number));
            }
        });
    }
}
