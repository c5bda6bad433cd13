//! Frozen inputs of a season and who stands behind the pseudonyms: the only writer of both tables.
//! Must not know: what the canonical bytes say.

use super::schema::{frozen_seekers, season_inputs};
use super::{Conn, Fault, MultiBackend, Tx};
use crate::domain::ids::{AccountId, SeasonId, SeekerId};
use crate::domain::time::Instant;
use crate::each_backend;
use crate::seal::Place;
use diesel::prelude::*;

pub(super) const CANONICAL: &str = "season_inputs.canonical_sealed";
/// Rows of one INSERT.
const BATCH: usize = 1000;

/// A version as anybody may see it.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = season_inputs, treat_none_as_default_value = false)]
#[diesel(check_for_backend(MultiBackend))]
pub struct OpenRow {
    pub season_id: SeasonId,
    pub input_version: i32,
    pub digest: Vec<u8>,
    pub root: Vec<u8>,
    pub tree_size: i64,
    /// Why this version corrects the one before.
    pub reason: Option<String>,
    pub frozen_at: Instant,
    pub objection_until: Instant,
    pub beacon_name: Option<String>,
    pub beacon_value: Option<String>,
    pub beacon_source: Option<String>,
    /// Why the fallback decides.
    pub beacon_reason: Option<String>,
    pub beacon_at: Option<Instant>,
}

/// A version of the input: written once, and once more when its beacon is entered.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = season_inputs, treat_none_as_default_value = false)]
#[diesel(check_for_backend(MultiBackend))]
pub struct InputRow {
    #[diesel(embed)]
    pub open: OpenRow,
    pub canonical_sealed: Vec<u8>,
    pub frozen_by: Option<AccountId>,
    pub beacon_by: Option<AccountId>,
    pub seed: Option<Vec<u8>>,
}

/// What the freeze made.
#[derive(Debug, Clone)]
pub struct NewInput {
    pub season: SeasonId,
    pub version: i32,
    pub canonical: Vec<u8>,
    pub digest: [u8; 32],
    pub root: [u8; 32],
    pub reason: Option<String>,
    pub people: Vec<(SeekerId, [u8; 32])>,
}

/// A beacon with the seed that it gives.
#[derive(Debug, Clone)]
pub struct Drawn {
    pub name: String,
    pub value: String,
    pub source: String,
    /// Why the fallback decides.
    pub reason: Option<String>,
    pub seed: [u8; 32],
}

#[derive(Insertable, Queryable, Selectable)]
#[diesel(table_name = frozen_seekers, treat_none_as_default_value = false)]
#[diesel(check_for_backend(MultiBackend))]
struct FrozenRow {
    season_id: SeasonId,
    input_version: i32,
    seeker_id: SeekerId,
    pseudonym: Vec<u8>,
}

pub fn insert(tx: &mut Tx<'_>, new: &NewInput, objection_until: Instant) -> Result<(), Fault> {
    let place = Place { column: CANONICAL, row: new.season.uuid() };
    let open = OpenRow {
        season_id: new.season,
        input_version: new.version,
        digest: new.digest.to_vec(),
        root: new.root.to_vec(),
        tree_size: i64::try_from(new.people.len()).map_err(Fault::broken)?,
        reason: new.reason.clone(),
        frozen_at: tx.now,
        objection_until,
        beacon_name: None,
        beacon_value: None,
        beacon_source: None,
        beacon_reason: None,
        beacon_at: None,
    };
    let canonical_sealed = tx.seal.close(place, &new.canonical)?;
    let frozen_by = tx.actor.account;
    let row = InputRow { open, canonical_sealed, frozen_by, beacon_by: None, seed: None };
    diesel::insert_into(season_inputs::table).values(&row).execute(tx.db)?;
    for people in new.people.chunks(BATCH) {
        insert_people(tx, new, people)?;
    }
    let detail = serde_json::json!({ "version": new.version, "people": new.people.len() });
    tx.journal("season", new.season.uuid(), "freeze_input", Some(detail))
}

fn insert_people(
    tx: &mut Tx<'_>,
    new: &NewInput,
    people: &[(SeekerId, [u8; 32])],
) -> Result<(), Fault> {
    let rows: Vec<FrozenRow> = people
        .iter()
        .map(|(seeker, pseudonym)| FrozenRow {
            season_id: new.season,
            input_version: new.version,
            seeker_id: *seeker,
            pseudonym: pseudonym.to_vec(),
        })
        .collect();
    let query = diesel::insert_into(frozen_seekers::table).values(&rows);
    each_backend!(&mut *tx.db, |c| query.execute(c))?;
    Ok(())
}

/// The latest version, if the season is frozen.
pub fn latest(conn: &mut Conn<'_>, season: SeasonId) -> Result<Option<InputRow>, Fault> {
    let query = season_inputs::table
        .filter(season_inputs::season_id.eq(season))
        .order(season_inputs::input_version.desc());
    Ok(query.select(InputRow::as_select()).first(conn.db).optional()?)
}

/// The next versions of a season, the first one first.
pub fn page(
    conn: &mut Conn<'_>,
    season: SeasonId,
    after: i32,
    rows: i64,
) -> Result<Vec<OpenRow>, Fault> {
    let query = season_inputs::table
        .filter(season_inputs::season_id.eq(season))
        .filter(season_inputs::input_version.gt(after))
        .order(season_inputs::input_version.asc())
        .limit(rows);
    Ok(query.select(OpenRow::as_select()).load(conn.db)?)
}

pub fn get(conn: &mut Conn<'_>, season: SeasonId, version: i32) -> Result<InputRow, Fault> {
    let query = season_inputs::table.find((season, version));
    Ok(query.select(InputRow::as_select()).first(conn.db)?)
}

/// The canonical bytes of a version.
pub fn canonical(conn: &Conn<'_>, row: &InputRow) -> Result<Vec<u8>, Fault> {
    let place = Place { column: CANONICAL, row: row.open.season_id.uuid() };
    Ok(conn.seal.open(place, &row.canonical_sealed)?)
}

/// Enters the beacon, if none stands yet.
pub fn store_beacon(tx: &mut Tx<'_>, row: &InputRow, drawn: &Drawn) -> Result<(), Fault> {
    let at = season_inputs::table
        .filter(season_inputs::season_id.eq(row.open.season_id))
        .filter(season_inputs::input_version.eq(row.open.input_version))
        .filter(season_inputs::seed.is_null());
    let kept = diesel::update(at)
        .set((
            season_inputs::beacon_name.eq(&drawn.name),
            season_inputs::beacon_value.eq(&drawn.value),
            season_inputs::beacon_source.eq(&drawn.source),
            season_inputs::beacon_reason.eq(&drawn.reason),
            season_inputs::beacon_at.eq(tx.now),
            season_inputs::beacon_by.eq(tx.actor.account),
            season_inputs::seed.eq(drawn.seed.to_vec()),
        ))
        .execute(tx.db)?;
    if kept == 1 { Ok(()) } else { Err(Fault::Moved) }
}

/// Everybody of a version with the pseudonym.
pub fn people(
    conn: &mut Conn<'_>,
    season: SeasonId,
    version: i32,
) -> Result<Vec<(SeekerId, Vec<u8>)>, Fault> {
    let query = frozen_seekers::table
        .filter(frozen_seekers::season_id.eq(season))
        .filter(frozen_seekers::input_version.eq(version));
    Ok(query.select((frozen_seekers::seeker_id, frozen_seekers::pseudonym)).load(conn.db)?)
}

/// Whether the list of a person stands in a version.
pub fn holds(
    conn: &mut Conn<'_>,
    (season, version): (SeasonId, i32),
    seeker: SeekerId,
) -> Result<bool, Fault> {
    let row = frozen_seekers::table.find((season, version, seeker));
    let found: Option<SeekerId> =
        row.select(frozen_seekers::seeker_id).first(conn.db).optional()?;
    Ok(found.is_some())
}

/// A version that holds the list of a person, and the pseudonym there.
#[derive(Debug, Clone, Queryable)]
pub struct FrozenOf {
    pub season: SeasonId,
    pub version: i32,
    pub seeker: SeekerId,
    pub pseudonym: Vec<u8>,
}

/// Every version that holds the list of a person under one of these records, season by season.
pub fn of_person(conn: &mut Conn<'_>, records: &[SeekerId]) -> Result<Vec<FrozenOf>, Fault> {
    let query = frozen_seekers::table
        .filter(frozen_seekers::seeker_id.eq_any(records))
        .order((frozen_seekers::season_id.asc(), frozen_seekers::input_version.asc()))
        .select((
            frozen_seekers::season_id,
            frozen_seekers::input_version,
            frozen_seekers::seeker_id,
            frozen_seekers::pseudonym,
        ));
    Ok(query.load(conn.db)?)
}
