//! Seasons and their allocations: rows and queries. The only writer of both tables.
//! Must not know: quotas, rounds.

use super::journal::Line;
use super::schema::{season_allocations, seasons};
use super::states::stated;
use super::types::Json;
use super::{Conn, Fault, MultiBackend, Tx};
use crate::domain::ids::{AccountId, AgreementId, AllocationId, SeasonId};
use crate::domain::lifecycle::Transition;
use crate::domain::points::RubricPartForm;
use crate::domain::seasons::{
    AllocationForm, AllocationKind, BeaconForm, NewSeason, SeasonForm, SeasonState, Sector,
};
use crate::domain::time::{Day, Instant};
use crate::each_backend;
use crate::seal::Place;
use diesel::prelude::*;
use serde::Serialize;
use serde_json::{Value, json};

pub const SUBJECT: &str = "season";
const SECRET: &str = "seasons.secret_sealed";
const SEASON_KEY: &str = "seasons.season_key_sealed";

/// A whole row. The columns from `secret_sealed` to `opened_at` are filled by the opening.
#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset, Serialize)]
#[diesel(table_name = seasons, treat_none_as_default_value = false, treat_none_as_null = true)]
#[diesel(check_for_backend(MultiBackend))]
pub struct SeasonRow {
    pub id: SeasonId,
    pub agreement_id: AgreementId,
    pub name: String,
    pub contract_from: Day,
    pub contract_to: Day,
    pub freeze_at: Instant,
    pub objection_hours: i32,
    pub list_max: i32,
    pub offer_hours: i32,
    /// `[{kind, per, points, max}]`.
    pub rubric: Json,
    /// `{first: {name, form}, fallback: {name, form}}`.
    pub beacons: Json,
    pub idr_per_100_krw: i64,
    pub rate_source: String,
    pub state: SeasonState,
    pub secret_sealed: Option<Vec<u8>>,
    pub season_key_sealed: Option<Vec<u8>>,
    pub secret_commitment: Option<Vec<u8>>,
    pub season_key_commitment: Option<Vec<u8>>,
    /// The merged rulebook as canonical text, frozen at the opening.
    pub rules: Option<String>,
    pub rules_digest: Option<String>,
    pub rubric_digest: Option<String>,
    pub opened_at: Option<Instant>,
    pub version: i64,
    pub updated_at: Instant,
    pub changed_by: Option<AccountId>,
}

stated!(SeasonRow of seasons, |row| (SUBJECT, row.id.uuid()));

/// Heads for one (si/gun, half-year, sector, kind) of a season.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = season_allocations, treat_none_as_default_value = false)]
#[diesel(check_for_backend(MultiBackend))]
pub struct AllocationRow {
    pub id: AllocationId,
    pub season_id: SeasonId,
    pub si_gun: String,
    /// `2027-H1`.
    pub half: String,
    pub sector: Sector,
    pub kind: AllocationKind,
    pub heads: i32,
    pub document: String,
}

/// What the opening adds to a season.
pub struct Opening {
    pub secret: [u8; 32],
    pub season_key: [u8; 32],
    pub secret_commitment: [u8; 32],
    pub season_key_commitment: [u8; 32],
    pub rules: String,
    pub rules_digest: String,
    pub rubric_digest: String,
}

fn small(number: i64) -> Result<i32, Fault> {
    i32::try_from(number).map_err(Fault::broken)
}

fn rubric(new: &NewSeason) -> Json {
    let parts: Vec<Value> = new
        .rubric
        .parts()
        .iter()
        .map(|p| json!({ "kind": p.kind().as_str(), "per": p.per(), "points": p.points(), "max": p.max() }))
        .collect();
    Json(Value::Array(parts))
}

fn row_of(tx: &Tx<'_>, id: SeasonId, new: &NewSeason, version: i64) -> Result<SeasonRow, Fault> {
    let beacon = |b: &crate::domain::seasons::Beacon| json!({ "name": b.name, "form": b.form });
    Ok(SeasonRow {
        id,
        agreement_id: new.agreement,
        name: new.name.clone(),
        contract_from: new.contract_from,
        contract_to: new.contract_to,
        freeze_at: new.freeze_at,
        objection_hours: small(new.objection_hours)?,
        list_max: small(new.list_max)?,
        offer_hours: small(new.offer_hours)?,
        rubric: rubric(new),
        beacons: Json(
            json!({ "first": beacon(&new.beacons.first), "fallback": beacon(&new.beacons.fallback) }),
        ),
        idr_per_100_krw: new.idr_per_100_krw,
        rate_source: new.rate_source.clone(),
        state: SeasonState::Draft,
        secret_sealed: None,
        season_key_sealed: None,
        secret_commitment: None,
        season_key_commitment: None,
        rules: None,
        rules_digest: None,
        rubric_digest: None,
        opened_at: None,
        version,
        updated_at: tx.now,
        changed_by: tx.actor.account,
    })
}

fn insert_allocations(tx: &mut Tx<'_>, season: SeasonId, new: &NewSeason) -> Result<(), Fault> {
    let rows = new
        .allocations
        .iter()
        .map(|a| {
            Ok(AllocationRow {
                id: AllocationId(tx.new_id()),
                season_id: season,
                si_gun: a.key.si_gun.code().to_owned(),
                half: a.key.half.to_string(),
                sector: a.key.sector,
                kind: a.key.kind,
                heads: small(a.heads)?,
                document: a.document.clone(),
            })
        })
        .collect::<Result<Vec<_>, Fault>>()?;
    let query = diesel::insert_into(season_allocations::table).values(&rows);
    each_backend!(&mut *tx.db, |c| query.execute(c))?;
    Ok(())
}

pub fn insert(tx: &mut Tx<'_>, id: SeasonId, new: &NewSeason) -> Result<(), Fault> {
    let row = row_of(tx, id, new, 1)?;
    diesel::insert_into(seasons::table).values(&row).execute(tx.db)?;
    insert_allocations(tx, id, new)?;
    tx.journal_new(&row, Line::of("create"))
}

pub fn get(conn: &mut Conn<'_>, id: SeasonId) -> Result<SeasonRow, Fault> {
    Ok(seasons::table.find(id).select(SeasonRow::as_select()).first(conn.db)?)
}

pub fn allocations(conn: &mut Conn<'_>, season: SeasonId) -> Result<Vec<AllocationRow>, Fault> {
    let query = season_allocations::table.filter(season_allocations::season_id.eq(season));
    Ok(query
        .order(season_allocations::id.asc())
        .select(AllocationRow::as_select())
        .load(conn.db)?)
}

/// Seasons by id, whatever their state.
pub fn by_ids(conn: &mut Conn<'_>, ids: &[SeasonId]) -> Result<Vec<SeasonRow>, Fault> {
    let query = seasons::table.filter(seasons::id.eq_any(ids));
    Ok(query.select(SeasonRow::as_select()).load(conn.db)?)
}

/// The allocations of several seasons.
pub fn allocations_of(
    conn: &mut Conn<'_>,
    seasons: &[SeasonId],
) -> Result<Vec<AllocationRow>, Fault> {
    let query = season_allocations::table.filter(season_allocations::season_id.eq_any(seasons));
    Ok(query
        .order(season_allocations::id.asc())
        .select(AllocationRow::as_select())
        .load(conn.db)?)
}

/// What was stated when the season was made or changed last.
pub fn stated(conn: &mut Conn<'_>, row: &SeasonRow) -> Result<NewSeason, Fault> {
    row.stated(&allocations(conn, row.id)?)
}

fn text(value: &Value, pointer: &str) -> Option<String> {
    value.pointer(pointer)?.as_str().map(str::to_owned)
}

fn rubric_part(value: &Value) -> Option<RubricPartForm> {
    let number = |name: &str| value.get(name)?.as_i64();
    Some(RubricPartForm {
        kind: text(value, "/kind")?,
        per: number("per")?,
        points: number("points")?,
        max: number("max")?,
    })
}

impl SeasonRow {
    /// What was stated, from the row and its allocations.
    pub fn stated(&self, allocations: &[AllocationRow]) -> Result<NewSeason, Fault> {
        let bent = || Fault::broken("a JSON column of a season is not what it should be");
        let form = self.form(allocations).ok_or_else(bent)?;
        form.parse().map_err(|p| Fault::broken(format!("a season's row: {:?}", p.0)))
    }

    fn form(&self, allocations: &[AllocationRow]) -> Option<SeasonForm> {
        let beacon = |which: &str| {
            let member = |name: &str| text(&self.beacons.0, &format!("/{which}/{name}"));
            Some(BeaconForm { name: member("name")?, form: member("form")? })
        };
        let allocation = |a: &AllocationRow| AllocationForm {
            si_gun: a.si_gun.clone(),
            half: a.half.clone(),
            sector: a.sector.as_str().to_owned(),
            kind: a.kind.as_str().to_owned(),
            heads: a.heads.into(),
            document: a.document.clone(),
        };
        Some(SeasonForm {
            agreement_id: self.agreement_id.to_string(),
            name: self.name.clone(),
            contract_from: self.contract_from.to_string(),
            contract_to: self.contract_to.to_string(),
            freeze_at: self.freeze_at.to_string(),
            objection_hours: self.objection_hours.into(),
            list_max: Some(self.list_max.into()),
            rubric: self.rubric.0.as_array()?.iter().map(rubric_part).collect::<Option<_>>()?,
            offer_hours: self.offer_hours.into(),
            idr_per_100_krw: self.idr_per_100_krw,
            rate_source: self.rate_source.clone(),
            beacon_first: beacon("first")?,
            beacon_fallback: beacon("fallback")?,
            allocations: allocations.iter().map(allocation).collect(),
        })
    }
}

/// A page, without drafts unless the reader may see them.
pub fn page(
    conn: &mut Conn<'_>,
    with_drafts: bool,
    after: Option<SeasonId>,
    rows: i64,
) -> Result<Vec<SeasonRow>, Fault> {
    let mut query = seasons::table.select(SeasonRow::as_select()).into_boxed();
    if !with_drafts {
        query = query.filter(seasons::state.ne(SeasonState::Draft));
    }
    if let Some(after) = after {
        query = query.filter(seasons::id.gt(after));
    }
    Ok(query.order(seasons::id.asc()).limit(rows).load(conn.db)?)
}

/// Replaces a draft with its allocations, if nobody changed it since it was read.
pub fn rewrite(tx: &mut Tx<'_>, old: &SeasonRow, new: &NewSeason) -> Result<(), Fault> {
    let row = row_of(tx, old.id, new, old.version + 1)?;
    let at = seasons::table
        .filter(seasons::id.eq(old.id))
        .filter(seasons::version.eq(old.version))
        .filter(seasons::state.eq(SeasonState::Draft));
    if diesel::update(at).set(&row).execute(tx.db)? != 1 {
        return Err(Fault::Moved);
    }
    let theirs = season_allocations::table.filter(season_allocations::season_id.eq(old.id));
    diesel::delete(theirs).execute(tx.db)?;
    insert_allocations(tx, old.id, new)?;
    tx.journal_change(old, Line::of("change"))
}

/// Stores a step of the lifecycle, if nobody changed the row since it was read.
pub fn keep(tx: &mut Tx<'_>, row: &SeasonRow, step: Transition<SeasonState>) -> Result<(), Fault> {
    let at = seasons::table
        .filter(seasons::id.eq(row.id))
        .filter(seasons::version.eq(row.version))
        .filter(seasons::state.eq(step.from()));
    let kept = diesel::update(at)
        .set((
            seasons::state.eq(step.to()),
            seasons::version.eq(row.version + 1),
            seasons::updated_at.eq(tx.now),
            seasons::changed_by.eq(tx.actor.account),
        ))
        .execute(tx.db)?;
    if kept != 1 {
        return Err(Fault::Moved);
    }
    tx.journal_step(row, &step, SeasonState::as_str, step.event().as_str())
}

/// Moves the version with a change that is kept beside the row, if nobody changed it since it was
/// read.
pub fn touch(tx: &mut Tx<'_>, row: &SeasonRow) -> Result<(), Fault> {
    let at = seasons::table
        .filter(seasons::id.eq(row.id))
        .filter(seasons::version.eq(row.version))
        .filter(seasons::state.eq(row.state));
    let kept = diesel::update(at)
        .set((
            seasons::version.eq(row.version + 1),
            seasons::updated_at.eq(tx.now),
            seasons::changed_by.eq(tx.actor.account),
        ))
        .execute(tx.db)?;
    if kept == 1 { Ok(()) } else { Err(Fault::Moved) }
}

/// Seals the secrets and stores the commitments; to be followed by the step that `keep` stores.
pub fn store_opening(tx: &mut Tx<'_>, id: SeasonId, opening: &Opening) -> Result<(), Fault> {
    let place = |column| Place { column, row: id.uuid() };
    let secret = tx.seal.close(place(SECRET), &opening.secret)?;
    let season_key = tx.seal.close(place(SEASON_KEY), &opening.season_key)?;
    diesel::update(seasons::table.find(id))
        .set((
            seasons::secret_sealed.eq(secret),
            seasons::season_key_sealed.eq(season_key),
            seasons::secret_commitment.eq(opening.secret_commitment.to_vec()),
            seasons::season_key_commitment.eq(opening.season_key_commitment.to_vec()),
            seasons::rules.eq(&opening.rules),
            seasons::rules_digest.eq(&opening.rules_digest),
            seasons::rubric_digest.eq(&opening.rubric_digest),
            seasons::opened_at.eq(tx.now),
        ))
        .execute(tx.db)?;
    Ok(())
}

fn opened(
    conn: &Conn<'_>,
    column: &'static str,
    row: &SeasonRow,
    sealed: Option<&Vec<u8>>,
) -> Result<[u8; 32], Fault> {
    let sealed = sealed.ok_or(Fault::NotFound)?;
    let bytes = conn.seal.open(Place { column, row: row.id.uuid() }, sealed)?;
    bytes.try_into().map_err(|_| Fault::broken("a season's secret has 32 bytes"))
}

/// The secret of an opened season, to be revealed with publication only.
pub fn secret(conn: &Conn<'_>, row: &SeasonRow) -> Result<[u8; 32], Fault> {
    opened(conn, SECRET, row, row.secret_sealed.as_ref())
}

/// The key that makes the season's pseudonyms.
pub fn season_key(conn: &Conn<'_>, row: &SeasonRow) -> Result<[u8; 32], Fault> {
    opened(conn, SEASON_KEY, row, row.season_key_sealed.as_ref())
}
