//! Job seekers: rows, their sealed fields, and what reads and writes whole rows.
//! The only writer of its table. Must not know: masks, JSON.

mod emptied;
mod lists;

pub use emptied::{drafts, erase, free_nik, lead_on, nik_indexes};
pub use lists::{
    Alike, Filter, SeekerLine, alike, by_name, by_nik, by_phone, changes, known, line, page,
};

use super::journal::Line;
use super::reads::Subject;
use super::schema::seekers;
use super::states::stated;
use super::{Conn, Fault, MultiBackend, Tx};
use crate::domain::identity::{
    Ak1Number, Education, Email, Kk, Marital, Name, Nik, Passport, Phone, Sex,
};
use crate::domain::ids::{AccountId, SeekerId};
use crate::domain::lifecycle::Transition;
use crate::domain::places::Kecamatan;
use crate::domain::seekers::{IdentityState, NewSeeker, SeekerState, identity_of};
use crate::domain::time::{Day, Instant, Zone};
use crate::each_backend;
use diesel::prelude::*;
use serde::Serialize;
use uuid::Uuid;

pub const SUBJECT: &str = "job_seeker";

pub(super) const NIK: &str = "seekers.nik_sealed";
/// What each keyed hash is for: none is like another's.
pub(super) const NIK_INDEX: &str = "seekers.nik";
pub(super) const PHONE_INDEX: &str = "seekers.phone";
pub(super) const PASSPORT_INDEX: &str = "seekers.passport";

/// A whole row. `None` in a sealed column means that nothing was stated.
#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset, Serialize)]
#[diesel(table_name = seekers, treat_none_as_default_value = false, treat_none_as_null = true)]
#[diesel(check_for_backend(MultiBackend))]
pub struct SeekerRow {
    pub id: SeekerId,
    pub nik_sealed: Vec<u8>,
    pub nik_index: Vec<u8>,
    pub kk_sealed: Option<Vec<u8>>,
    pub name: String,
    pub name_folded: String,
    pub born_on: Day,
    pub birth_place: Option<String>,
    pub sex: Sex,
    pub marital: Option<Marital>,
    pub address_sealed: Option<Vec<u8>>,
    pub village: Option<String>,
    pub kecamatan: String,
    pub education: Option<Education>,
    pub phone_sealed: Option<Vec<u8>>,
    pub phone_index: Option<Vec<u8>>,
    pub email_sealed: Option<Vec<u8>>,
    pub ak1_number: Option<String>,
    pub ak1_issued_on: Option<Day>,
    pub farm_months: i32,
    pub fishery_months: i32,
    pub korean_level: i32,
    pub training_hours: i32,
    pub passport_sealed: Option<Vec<u8>>,
    pub passport_index: Option<Vec<u8>>,
    pub passport_expires_on: Option<Day>,
    pub state: SeekerState,
    pub identity: IdentityState,
    pub version: i64,
    pub updated_at: Instant,
    pub changed_by: Option<AccountId>,
    pub changed_tx: i64,
}

stated!(SeekerRow of seekers, |row| (SUBJECT, row.id.uuid()));

/// Whose rows a reader may see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    All,
    Own(SeekerId),
}

/// Lower case and single spaces: what a name is looked up by.
pub fn fold_name(name: &str) -> String {
    name.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

fn whole(number: impl Into<i32>) -> i32 {
    number.into()
}

/// Seals one optional field.
fn sealed(
    conn: &Conn<'_>,
    column: &'static str,
    row: Uuid,
    value: Option<&str>,
) -> Result<Option<Vec<u8>>, Fault> {
    value.map(|v| conn.close(column, row, v)).transpose()
}

pub fn nik_index(conn: &Conn<'_>, nik: &Nik) -> Vec<u8> {
    conn.seal.index(NIK_INDEX, nik.as_str().as_bytes())
}

pub fn phone_index(conn: &Conn<'_>, phone: &Phone) -> Vec<u8> {
    conn.seal.index(PHONE_INDEX, phone.as_str().as_bytes())
}

/// What a new or rewritten row takes from its circumstances.
#[derive(Debug, Clone, Copy)]
pub struct Stamp {
    pub state: SeekerState,
    pub version: i64,
    pub changed_tx: i64,
}

/// The row of a registration, sealed for its id.
pub fn row_of(
    tx: &Tx<'_>,
    id: SeekerId,
    new: &NewSeeker,
    stamp: Stamp,
) -> Result<SeekerRow, Fault> {
    let row = id.uuid();
    let today = tx.now.day_in(Zone::Jakarta);
    Ok(SeekerRow {
        id,
        nik_sealed: tx.close(NIK, row, new.nik.as_str())?,
        nik_index: nik_index(tx, &new.nik),
        kk_sealed: sealed(tx, "seekers.kk_sealed", row, new.kk.as_ref().map(Kk::as_str))?,
        name: new.name.as_str().to_owned(),
        name_folded: fold_name(new.name.as_str()),
        born_on: new.born_on,
        birth_place: new.birth_place.clone(),
        sex: new.sex,
        marital: new.marital,
        address_sealed: sealed(tx, "seekers.address_sealed", row, new.address.as_deref())?,
        village: new.village.clone(),
        kecamatan: new.kecamatan.code().to_owned(),
        education: new.education,
        phone_sealed: sealed(
            tx,
            "seekers.phone_sealed",
            row,
            new.phone.as_ref().map(Phone::as_str),
        )?,
        phone_index: new.phone.as_ref().map(|p| phone_index(tx, p)),
        email_sealed: sealed(
            tx,
            "seekers.email_sealed",
            row,
            new.email.as_ref().map(Email::as_str),
        )?,
        ak1_number: new.ak1_number.as_ref().map(|n| n.as_str().to_owned()),
        ak1_issued_on: new.ak1_issued_on,
        farm_months: whole(new.farm_months),
        fishery_months: whole(new.fishery_months),
        korean_level: whole(new.korean_level),
        training_hours: whole(new.training_hours),
        passport_sealed: sealed(
            tx,
            "seekers.passport_sealed",
            row,
            new.passport.as_ref().map(Passport::as_str),
        )?,
        passport_index: new
            .passport
            .as_ref()
            .map(|p| tx.seal.index(PASSPORT_INDEX, p.as_str().as_bytes())),
        passport_expires_on: new.passport_expires_on,
        state: stamp.state,
        identity: identity_of(&new.nik, new.born_on, new.sex, today),
        version: stamp.version,
        updated_at: tx.now,
        changed_by: tx.actor.account,
        changed_tx: stamp.changed_tx,
    })
}

fn opened<T, E>(
    conn: &Conn<'_>,
    column: &'static str,
    row: Subject,
    value: Option<&Vec<u8>>,
    parse: impl Fn(&str) -> Result<T, E>,
) -> Result<Option<T>, Fault> {
    let Some(value) = value else { return Ok(None) };
    let text = conn.open(column, row, value)?;
    parse(&text).map(Some).map_err(|_| damaged(column))
}

fn damaged(column: &'static str) -> Fault {
    Fault::broken(format!("{column} holds a value that its own type refuses"))
}

fn count<T: TryFrom<i32>>(value: i32, column: &'static str) -> Result<T, Fault> {
    T::try_from(value).map_err(|_| damaged(column))
}

impl SeekerRow {
    /// Opens the row again to what was registered.
    pub fn open(&self, conn: &Conn<'_>) -> Result<NewSeeker, Fault> {
        let row = (SUBJECT, self.id.uuid());
        let nik = conn.open(NIK, row, &self.nik_sealed)?;
        Ok(NewSeeker {
            nik: Nik::parse(&nik).map_err(|_| damaged("nik"))?,
            kk: opened(conn, "seekers.kk_sealed", row, self.kk_sealed.as_ref(), Kk::parse)?,
            name: Name::parse(&self.name).map_err(|_| damaged("name"))?,
            birth_place: self.birth_place.clone(),
            born_on: self.born_on,
            sex: self.sex,
            marital: self.marital,
            address: opened(
                conn,
                "seekers.address_sealed",
                row,
                self.address_sealed.as_ref(),
                |t| Ok::<_, Fault>(t.to_owned()),
            )?,
            village: self.village.clone(),
            kecamatan: Kecamatan::by_code(&self.kecamatan).map_err(|_| damaged("kecamatan"))?,
            education: self.education,
            phone: opened(
                conn,
                "seekers.phone_sealed",
                row,
                self.phone_sealed.as_ref(),
                Phone::parse,
            )?,
            email: opened(
                conn,
                "seekers.email_sealed",
                row,
                self.email_sealed.as_ref(),
                Email::parse,
            )?,
            ak1_number: self
                .ak1_number
                .as_deref()
                .map(Ak1Number::parse)
                .transpose()
                .map_err(|_| damaged("ak1_number"))?,
            ak1_issued_on: self.ak1_issued_on,
            farm_months: count(self.farm_months, "farm_months")?,
            fishery_months: count(self.fishery_months, "fishery_months")?,
            korean_level: count(self.korean_level, "korean_level")?,
            training_hours: count(self.training_hours, "training_hours")?,
            passport: opened(
                conn,
                "seekers.passport_sealed",
                row,
                self.passport_sealed.as_ref(),
                Passport::parse,
            )?,
            passport_expires_on: self.passport_expires_on,
        })
    }
}

fn in_scope(scope: Scope, id: SeekerId) -> bool {
    match scope {
        Scope::All => true,
        Scope::Own(own) => own == id,
    }
}

/// One row, if the scope covers it. An erased one is not there.
pub fn get(conn: &mut Conn<'_>, id: SeekerId, scope: Scope) -> Result<SeekerRow, Fault> {
    if !in_scope(scope, id) {
        return Err(Fault::NotFound);
    }
    // Each backend's own query keeps its text between calls; the joined one writes it anew.
    let query = seekers::table.find(id).filter(seekers::state.ne(SeekerState::Erased));
    Ok(each_backend!(&mut *conn.db, |c| query.select(SeekerRow::as_select()).first(c))?)
}

/// Registers under the given id. The unique index decides who was first with a NIK.
pub fn insert(
    tx: &mut Tx<'_>,
    id: SeekerId,
    new: &NewSeeker,
    state: SeekerState,
) -> Result<SeekerRow, Fault> {
    let stamp = Stamp { state, version: 1, changed_tx: tx.change_number()? };
    let row = row_of(tx, id, new, stamp)?;
    diesel::insert_into(seekers::table).values(&row).execute(tx.db)?;
    tx.journal_new(&row, Line::of("register"))?;
    Ok(row)
}

/// Puts a chunk of new rows in one statement; the journal line is the import's.
pub fn insert_many(tx: &mut Tx<'_>, rows: Vec<SeekerRow>) -> Result<(), Fault> {
    match &mut *tx.db {
        super::Db::Pg(c) => {
            diesel::copy_from(seekers::table).from_insertable(&rows).execute(c)?;
        }
        super::Db::Sqlite(c) => {
            diesel::insert_into(seekers::table).values(rows).execute(c)?;
        }
    }
    Ok(())
}

/// Replaces what was registered, if nobody changed the row since it was read. A confirmation falls
/// with the identity that it was for.
pub fn rewrite(
    tx: &mut Tx<'_>,
    old: &SeekerRow,
    new: &NewSeeker,
    changed: &[&'static str],
) -> Result<(), Fault> {
    let state = old.state.after_change(changed);
    let stamp = Stamp { state, version: old.version + 1, changed_tx: tx.change_number()? };
    let row = row_of(tx, old.id, new, stamp)?;
    let at = seekers::table.filter(seekers::id.eq(old.id)).filter(seekers::version.eq(old.version));
    if diesel::update(at).set(&row).execute(tx.db)? != 1 {
        return Err(Fault::Moved);
    }
    let states = (state != old.state).then(|| (old.state.as_str(), state.as_str()));
    let detail = Some(serde_json::json!({ "fields": changed }));
    tx.journal_change(old, Line { event: "change", states, detail })
}

/// Stores a step of the lifecycle, if nobody changed the row since it was read.
pub fn keep(tx: &mut Tx<'_>, row: &SeekerRow, step: Transition<SeekerState>) -> Result<(), Fault> {
    let change = tx.change_number()?;
    let at = seekers::table
        .filter(seekers::id.eq(row.id))
        .filter(seekers::version.eq(row.version))
        .filter(seekers::state.eq(step.from()));
    let kept = diesel::update(at)
        .set((
            seekers::state.eq(step.to()),
            seekers::version.eq(row.version + 1),
            seekers::updated_at.eq(tx.now),
            seekers::changed_by.eq(tx.actor.account),
            seekers::changed_tx.eq(change),
        ))
        .execute(tx.db)?;
    if kept != 1 {
        return Err(Fault::Moved);
    }
    tx.journal_step(row, &step, SeekerState::as_str, step.event().as_str())
}

/// The records behind the NIKs of a chunk, drafts left out. An erased one is a double, whose NIK
/// leads on to the record that it was merged into.
pub fn registered(conn: &mut Conn<'_>, indexes: &[Vec<u8>]) -> Result<Vec<SeekerRow>, Fault> {
    let query = seekers::table
        .filter(seekers::nik_index.eq_any(indexes))
        .filter(seekers::state.ne(SeekerState::Draft));
    Ok(query.select(SeekerRow::as_select()).load(conn.db)?)
}
