//! Keys that sign tokens, shared by all processes of one database. Their secrets are sealed. Each
//! row says from when it signs and until when its tokens count: processes go by that and the clock.
//! The only writer of its table.

use super::schema::signing_keys;
use super::{Actor, Conn, Fault, Store, Tx};
use crate::domain::time::Instant;
use crate::seal::{Place, random};
use diesel::prelude::*;
use ed25519_dalek::SigningKey;
use ed25519_dalek::pkcs8::EncodePrivateKey;
use serde_json::json;
use uuid::Uuid;

pub(super) const COLUMN: &str = "signing_keys.secret_sealed";

/// Seconds that an access token lives.
pub const TOKEN_LIFE: i64 = 600;
/// Seconds by which the clocks of two processes may differ.
const CLOCKS: i64 = 60;
const SUBJECT: &str = "signing_key";

/// A key ready for use: PKCS#8 secret, raw public key of 32 bytes.
pub struct KeyPair {
    pub kid: String,
    pub secret: Vec<u8>,
    pub public: Vec<u8>,
    pub signs_from: Instant,
    /// When its tokens count no more; none while no other key takes its place.
    pub retired_at: Option<Instant>,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = signing_keys, treat_none_as_default_value = false)]
#[diesel(check_for_backend(super::MultiBackend))]
struct KeyRow {
    kid: String,
    secret_sealed: Vec<u8>,
    public_key: Vec<u8>,
    created_at: Instant,
    signs_from: Instant,
    retired_at: Option<Instant>,
}

impl KeyRow {
    fn opened(self, conn: &Conn<'_>) -> Result<KeyPair, Fault> {
        let secret = conn.seal.open(place(&self.kid)?, &self.secret_sealed)?;
        let Self { kid, public_key: public, signs_from, retired_at, .. } = self;
        Ok(KeyPair { kid, secret, public, signs_from, retired_at })
    }
}

/// What a turnover came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turned {
    pub kid: String,
    pub signs_from: Instant,
    /// Whether the key was made now, or had been made before and waits for its hour.
    pub is_new: bool,
}

fn id_of(kid: &str) -> Result<Uuid, Fault> {
    kid.parse().map_err(Fault::broken)
}

fn place(kid: &str) -> Result<Place, Fault> {
    Ok(Place { column: COLUMN, row: id_of(kid)? })
}

/// Keys whose tokens count, in the order in which they sign.
fn rows(conn: &mut Conn<'_>, now: Instant) -> Result<Vec<KeyRow>, Fault> {
    let counts = signing_keys::retired_at.is_null().or(signing_keys::retired_at.gt(now));
    let rows = signing_keys::table.filter(counts).select(KeyRow::as_select());
    Ok(rows.order((signing_keys::signs_from.asc(), signing_keys::kid.asc())).load(conn.db)?)
}

/// Keys whose tokens count, in the order in which they sign.
pub fn load(conn: &mut Conn<'_>, now: Instant) -> Result<Vec<KeyPair>, Fault> {
    let rows = rows(conn, now)?;
    rows.into_iter().map(|row| row.opened(conn)).collect()
}

/// The same, with the first key of all if there is none.
pub fn load_or_make(store: &Store) -> Result<Vec<KeyPair>, Fault> {
    store.write(Actor::SYSTEM, |tx, now| {
        if rows(tx, now)?.is_empty() {
            make(tx, now)?;
        }
        load(tx, now)
    })
}

fn make(tx: &mut Tx<'_>, signs_from: Instant) -> Result<String, Fault> {
    let key = SigningKey::from_bytes(&random::<32>().map_err(Fault::broken)?);
    let secret = key.to_pkcs8_der().map_err(|e| Fault::broken(e.to_string()))?;
    let id = tx.new_id();
    let kid = id.to_string();
    let row = KeyRow {
        kid: kid.clone(),
        secret_sealed: tx.seal.close(place(&kid)?, secret.as_bytes())?,
        public_key: key.verifying_key().to_bytes().to_vec(),
        created_at: tx.now,
        signs_from,
        retired_at: None,
    };
    diesel::insert_into(signing_keys::table).values(&row).execute(tx.db)?;
    tx.journal(SUBJECT, id, "make", Some(json!({ "signs_from": signs_from.to_string() })))?;
    Ok(kid)
}

fn retire(tx: &mut Tx<'_>, kid: &str, at: Option<Instant>, event: &str) -> Result<(), Fault> {
    diesel::update(signing_keys::table.find(kid))
        .set(signing_keys::retired_at.eq(at))
        .execute(tx.db)?;
    let detail = at.map(|at| json!({ "retired_at": at.to_string() }));
    tx.journal(SUBJECT, id_of(kid)?, event, detail)
}

/// A new key that signs after so many seconds. The others count until the last token that they
/// can have signed has ended. A key that still waits for its hour is the answer, and none is made.
pub fn turn_over(tx: &mut Tx<'_>, settle: i64) -> Result<Turned, Fault> {
    let now = tx.now;
    let old = rows(tx, now)?;
    if let Some(waiting) = old.iter().find(|row| row.signs_from > now) {
        let (kid, signs_from) = (waiting.kid.clone(), waiting.signs_from);
        return Ok(Turned { kid, signs_from, is_new: false });
    }
    let signs_from = now.plus_seconds(settle);
    let kid = make(tx, signs_from)?;
    let last = signs_from.plus_seconds(TOKEN_LIFE + CLOCKS);
    for row in old.iter().filter(|row| row.retired_at.is_none()) {
        retire(tx, &row.kid, Some(last), "retire")?;
    }
    Ok(Turned { kid, signs_from, is_new: true })
}

/// Takes a key out at once, with every token that it signed. Gives the key that signs now.
pub fn remove(tx: &mut Tx<'_>, kid: &str) -> Result<String, Fault> {
    let now = tx.now;
    if !rows(tx, now)?.iter().any(|row| row.kid == kid) {
        return Err(Fault::NotFound);
    }
    retire(tx, kid, Some(now), "remove")?;
    let left = rows(tx, now)?;
    if let Some(last) = left.last().filter(|row| row.retired_at.is_some()) {
        // The key that was to take its place is gone.
        retire(tx, &last.kid, None, "keep")?;
    }
    if let Some(signs) = left.iter().rfind(|row| row.signs_from <= now) {
        return Ok(signs.kid.clone());
    }
    let Some(waiting) = left.first() else { return make(tx, now) };
    diesel::update(signing_keys::table.find(&waiting.kid))
        .set(signing_keys::signs_from.eq(now))
        .execute(tx.db)?;
    tx.journal(SUBJECT, id_of(&waiting.kid)?, "sign_early", None)?;
    Ok(waiting.kid.clone())
}

/// Secrets of keys whose tokens count no more. Returns how many.
pub fn forget_retired(tx: &mut Tx<'_>) -> Result<usize, Fault> {
    let gone = signing_keys::table.filter(signing_keys::retired_at.lt(tx.now));
    Ok(diesel::delete(gone).execute(tx.db)?)
}
