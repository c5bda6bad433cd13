//! How slowly a body may come, and that nobody sends on after the answer: whoever holds a connection
//! open costs the others one. Must not know: what is in it.

use super::problem::Problem;
use crate::clock::Clock;
use crate::domain::problem::Code;
use actix_web::HttpMessage as _;
use actix_web::body::{BodySize, BoxBody, EitherBody, MessageBody};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::error::PayloadError;
use actix_web::http::header::TRANSFER_ENCODING;
use actix_web::middleware::Next;
use actix_web::web::Bytes;
use futures_util::{Stream, StreamExt as _};
use std::cell::RefCell;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

/// Between two pieces.
const PIECE: Duration = Duration::from_secs(10);
/// For the whole, and a second more for each so many bytes.
const WHOLE: Duration = Duration::from_secs(30);
const A_SECOND: u64 = 16 * 1024;

/// A body on its way.
pub(super) struct Pace {
    payload: Payload,
    began: Instant,
    bytes: u64,
}

fn left(elapsed: Duration, bytes: u64) -> Duration {
    let allowed = WHOLE + Duration::from_secs(bytes / A_SECOND);
    allowed.saturating_sub(elapsed).min(PIECE)
}

impl Pace {
    pub fn begin(payload: &mut Payload) -> Self {
        Self { payload: payload.take(), began: Clock::stopwatch(), bytes: 0 }
    }

    /// The next piece; 408 when it does not come in time.
    pub async fn piece(&mut self) -> Result<Option<Bytes>, Problem> {
        let left = left(self.began.elapsed(), self.bytes);
        let piece = tokio::time::timeout(left, self.payload.next()).await;
        let piece = piece.map_err(|_| Problem::from(Code::BodyTooSlow))?;
        let piece = piece.transpose().map_err(|_| Problem::from(Code::BadRequest))?;
        let length = piece.as_ref().map_or(0, Bytes::len);
        self.bytes = self.bytes.saturating_add(length as u64);
        Ok(piece)
    }
}

/// What still comes of a request, in the hands of its handler and of its answer.
#[derive(Clone)]
struct Coming(Rc<RefCell<Payload>>);

impl Stream for Coming {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.borrow_mut().poll_next_unpin(cx)
    }
}

/// An answer that holds what still comes.
struct Answer {
    body: BoxBody,
    _coming: Coming,
}

impl MessageBody for Answer {
    type Error = <BoxBody as MessageBody>::Error;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Pin::new(&mut self.body).poll_next(cx)
    }
}

/// The middleware around all others. The server reads a chunked body that nobody holds any more to
/// its end, however slowly it comes. One that is held when the answer goes out is left unread: the
/// connection ends, as with a body whose length was told.
pub async fn let_go<B: MessageBody + 'static>(
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, actix_web::Error> {
    if !request.headers().contains_key(TRANSFER_ENCODING) {
        return Ok(next.call(request).await?.map_into_left_body());
    }
    let coming = Coming(Rc::new(RefCell::new(request.take_payload())));
    request.set_payload(Payload::Stream { payload: Box::pin(coming.clone()) });
    let answer = next.call(request).await?;
    Ok(answer.map_body(|_, body| {
        let held = Answer { body: body.boxed(), _coming: coming };
        EitherBody::right(BoxBody::new(held))
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_has_as_much_time_as_it_has_bytes() {
        let after = |seconds, bytes| left(Duration::from_secs(seconds), bytes);
        assert_eq!(after(0, 0), PIECE);
        assert_eq!(after(25, 0), Duration::from_secs(5));
        assert_eq!(after(40, 0), Duration::ZERO);
        assert_eq!(after(40, 20 * A_SECOND), PIECE);
    }
}
