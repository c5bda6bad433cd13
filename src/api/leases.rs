//! Tokens of shared limits, leased in batches from the database behind the requests.
//! Must not know: who spends them.

use super::limits::Window;
use crate::db::{Fault, Store, rates};
use std::sync::{Arc, Mutex, PoisonError};

#[derive(Default)]
struct Waiting {
    /// Minutes that need more tokens.
    asks: Vec<Arc<Window>>,
    /// Whether a thread is at work; it goes on until nothing waits.
    is_served: bool,
    /// The minute whose predecessors were forgotten.
    forgotten: i64,
}

pub(super) struct Leases {
    store: Arc<Store>,
    waiting: Mutex<Waiting>,
}

impl Leases {
    pub fn new(store: Arc<Store>) -> Self {
        Self { store, waiting: Mutex::default() }
    }

    /// One statement serves all that gathered while the one before ran.
    pub fn ask(self: &Arc<Self>, window: Arc<Window>) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.asks.push(window);
        if !std::mem::replace(&mut waiting.is_served, true) {
            let same = self.clone();
            actix_web::rt::task::spawn_blocking(move || while same.serve() {});
        }
    }

    fn serve(&self) -> bool {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let asks = std::mem::take(&mut waiting.asks);
        waiting.is_served = !asks.is_empty();
        let newest = asks.iter().map(|window| window.number).max();
        let forget = newest.filter(|minute| *minute > waiting.forgotten);
        waiting.forgotten = forget.unwrap_or(waiting.forgotten);
        drop(waiting);
        self.lease(&asks, forget);
        !asks.is_empty()
    }

    /// Without the database each process counts for itself.
    fn lease(&self, asks: &[Arc<Window>], forget: Option<i64>) {
        let wants: Vec<rates::Want> = asks.iter().map(|window| want(window)).collect();
        if wants.is_empty() {
            return;
        }
        let before = self.store.claim::<_, Fault>(|tx, _| {
            if let Some(minute) = forget {
                rates::forget_before(tx, minute - 1)?;
            }
            rates::lease(tx, &wants)
        });
        let before = before.unwrap_or_else(|fault| {
            tracing::warn!(cause = %fault, "limits are not shared: tokens could not be leased");
            asks.iter().map(|window| window.leased()).collect()
        });
        for ((window, want), before) in asks.iter().zip(&wants).zip(before) {
            window.leases(want.tokens, before);
        }
    }
}

fn want(window: &Window) -> rates::Want {
    rates::Want {
        key: window.key.clone(),
        minute: window.number,
        tokens: window.batch() + window.unleased(),
    }
}
