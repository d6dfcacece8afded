//! Bodies: one that is stored is read to its end first, and passed on as it came if that is not to be.

use std::collections::VecDeque;
use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;

use super::not_stored::NotStored;

pin_project! {
    /// The body of a response that has come through a cache: the stored bytes, or the body of the service itself.
    #[project = Projected]
    #[derive(Debug)]
    pub struct CachedBody<B: Body> {
        #[pin]
        inner: Inner<B>,
    }
}

pin_project! {
    #[project = ProjectedInner]
    #[derive(Debug)]
    enum Inner<B: Body> {
        Whole { bytes: Bytes },
        Nothing,
        Untouched { #[pin] body: B },
        Replayed { replay: Replay<B> },
    }
}

/// What was read of a body, and behind it what was not.
pub(crate) struct Replay<B: Body> {
    frames: VecDeque<Frame<Bytes>>,
    error: Option<B::Error>,
    rest: Option<Pin<Box<B>>>,
}

impl<B: Body> CachedBody<B> {
    pub(crate) fn whole(bytes: Bytes) -> Self {
        Self { inner: Inner::Whole { bytes } }
    }

    /// That of a response which has none. It has no length either: one of 0 would be said of the page.
    pub(crate) fn nothing() -> Self {
        Self { inner: Inner::Nothing }
    }

    pub(crate) fn untouched(body: B) -> Self {
        Self { inner: Inner::Untouched { body } }
    }

    /// The service's own body, if nothing has touched it.
    pub(crate) fn into_untouched(self) -> Result<B, Self> {
        match self.inner {
            Inner::Untouched { body } => Ok(body),
            inner => Err(Self { inner }),
        }
    }

    pub(crate) fn replayed(replay: Replay<B>) -> Self {
        Self { inner: Inner::Replayed { replay } }
    }
}

/// Reads a body to its end. One that is longer than this, that breaks off or that something follows is given back, to be passed on.
pub(crate) async fn read<B: Body<Data = Bytes>>(body: B, longest: u64) -> Result<Bytes, (NotStored, Replay<B>)> {
    let mut body = Box::pin(body);
    let (mut frames, mut length) = (VecDeque::new(), 0_u64);
    let end = loop {
        match poll_fn(|context| body.as_mut().poll_frame(context)).await {
            None => break None,
            Some(Err(error)) => break Some((NotStored::Incomplete, Some(error))),
            Some(Ok(frame)) => {
                let read = frame.data_ref().map(Bytes::len);
                frames.push_back(frame);
                let Some(read) = read else { break Some((NotStored::Trailers, None)) };
                length = length.saturating_add(u64::try_from(read).unwrap_or(u64::MAX));
                if length > longest {
                    break Some((NotStored::TooLarge, None));
                }
            }
        }
    };
    match end {
        None => Ok(join(frames)),
        Some((reason, error)) => {
            let rest = error.is_none().then_some(body);
            Err((reason, Replay { frames, error, rest }))
        }
    }
}

fn join(frames: VecDeque<Frame<Bytes>>) -> Bytes {
    let mut parts = frames.into_iter().filter_map(|frame| frame.into_data().ok());
    let first = parts.next().unwrap_or_default();
    match parts.next() {
        None => first,
        Some(second) => {
            let mut all = [first, second].concat();
            parts.for_each(|part| all.extend(part));
            all.into()
        }
    }
}

impl<B: Body<Data = Bytes>> Body for CachedBody<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        match self.project().inner.project() {
            ProjectedInner::Whole { bytes } => {
                let bytes = std::mem::take(bytes);
                Poll::Ready((!bytes.is_empty()).then(|| Ok(Frame::data(bytes))))
            }
            ProjectedInner::Nothing => Poll::Ready(None),
            ProjectedInner::Untouched { body } => body.poll_frame(context),
            ProjectedInner::Replayed { replay } => replay.poll_frame(context),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.inner {
            Inner::Whole { bytes } => bytes.is_empty(),
            Inner::Nothing => true,
            Inner::Untouched { body } => body.is_end_stream(),
            Inner::Replayed { replay } => {
                replay.frames.is_empty()
                    && replay.error.is_none()
                    && replay.rest.as_ref().is_none_or(Body::is_end_stream)
            }
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.inner {
            Inner::Whole { bytes } => SizeHint::with_exact(u64::try_from(bytes.len()).unwrap_or(u64::MAX)),
            Inner::Nothing => SizeHint::new(),
            Inner::Untouched { body } => body.size_hint(),
            Inner::Replayed { replay } => replay.size_hint(),
        }
    }
}

impl<B: Body<Data = Bytes>> Replay<B> {
    fn poll_frame(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        if let Some(frame) = self.frames.pop_front() {
            return Poll::Ready(Some(Ok(frame)));
        }
        if let Some(error) = self.error.take() {
            return Poll::Ready(Some(Err(error)));
        }
        self.rest.as_mut().map_or(Poll::Ready(None), |rest| rest.as_mut().poll_frame(context))
    }

    fn size_hint(&self) -> SizeHint {
        let read: usize = self.frames.iter().filter_map(Frame::data_ref).map(Bytes::len).sum();
        let read = u64::try_from(read).unwrap_or(u64::MAX);
        let rest = self.rest.as_ref().map(Body::size_hint).unwrap_or_default();
        let mut hint = SizeHint::new();
        hint.set_lower(read.saturating_add(rest.lower()));
        if self.rest.is_some()
            && let Some(upper) = rest.upper()
        {
            hint.set_upper(read.saturating_add(upper));
        }
        hint
    }
}

impl<B: Body> fmt::Debug for Replay<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Replay").field("frames", &self.frames.len()).finish_non_exhaustive()
    }
}
