//! How slowly a body may come: whoever holds a connection open costs the others one.
//! Must not know: what is in it.

use super::problem::Problem;
use crate::clock::Clock;
use crate::domain::problem::Code;
use actix_web::dev::Payload;
use actix_web::web::Bytes;
use futures_util::StreamExt as _;
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
