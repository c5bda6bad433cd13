//! Keys that sign tokens, shared by all processes of one database. Their secrets are sealed.
//! The only writer of its table.

use super::schema::signing_keys;
use super::{Actor, Fault, Store, Tx};
use crate::domain::time::Instant;
use crate::seal::{Place, random};
use diesel::prelude::*;
use ed25519_dalek::SigningKey;
use ed25519_dalek::pkcs8::EncodePrivateKey;
use uuid::Uuid;

pub(super) const COLUMN: &str = "signing_keys.secret_sealed";

/// A key ready for use: PKCS#8 secret, raw public key of 32 bytes.
pub struct KeyPair {
    pub kid: String,
    pub secret: Vec<u8>,
    pub public: Vec<u8>,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = signing_keys, treat_none_as_default_value = false)]
#[diesel(check_for_backend(super::MultiBackend))]
struct KeyRow {
    kid: String,
    secret_sealed: Vec<u8>,
    public_key: Vec<u8>,
    created_at: Instant,
    retired_at: Option<Instant>,
}

fn place(kid: &str) -> Result<Place, Fault> {
    Ok(Place { column: COLUMN, row: kid.parse::<Uuid>().map_err(Fault::broken)? })
}

/// Every key that is not retired, oldest first; the last one signs.
pub fn load_or_make(store: &Store) -> Result<Vec<KeyPair>, Fault> {
    store.write(Actor::SYSTEM, |tx, _| {
        let mut rows = load(tx)?;
        if rows.is_empty() {
            rows.push(make(tx)?);
        }
        Ok(rows)
    })
}

fn load(tx: &mut Tx<'_>) -> Result<Vec<KeyPair>, Fault> {
    let rows: Vec<KeyRow> = signing_keys::table
        .filter(signing_keys::retired_at.is_null())
        .order((signing_keys::created_at.asc(), signing_keys::kid.asc()))
        .select(KeyRow::as_select())
        .load(tx.db)?;
    rows.into_iter()
        .map(|row| {
            let secret = tx.seal.open(place(&row.kid)?, &row.secret_sealed)?;
            Ok(KeyPair { kid: row.kid, secret, public: row.public_key })
        })
        .collect()
}

fn make(tx: &mut Tx<'_>) -> Result<KeyPair, Fault> {
    let key = SigningKey::from_bytes(&random::<32>().map_err(Fault::broken)?);
    let secret = key.to_pkcs8_der().map_err(|e| Fault::broken(e.to_string()))?.as_bytes().to_vec();
    let public = key.verifying_key().to_bytes().to_vec();
    let id = tx.new_id();
    let kid = id.to_string();
    let row = KeyRow {
        kid: kid.clone(),
        secret_sealed: tx.seal.close(place(&kid)?, &secret)?,
        public_key: public.clone(),
        created_at: tx.now,
        retired_at: None,
    };
    diesel::insert_into(signing_keys::table).values(&row).execute(tx.db)?;
    tx.journal("signing_key", id, "make", None)?;
    Ok(KeyPair { kid, secret, public })
}
