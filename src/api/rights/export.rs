//! Everything that the service holds of a person, gathered for that person.
//! Must not know: how it is spelled as a page.

use super::files::EvidenceFile;
use super::told::{
    Export, ExportedAccount, ExportedBreach, ExportedCode, ExportedFactor, ExportedLine,
    ExportedList, ExportedMerge, ExportedResult, ExportedSeat, ExportedSession, FrozenList,
};
use super::wire::DataRequest;
use crate::acts::frozen::Input;
use crate::api::answer::{Html, Secret};
use crate::api::consents::Consent;
use crate::api::guard::{Only, Seeker};
use crate::api::portable::numbers;
use crate::api::problem::Problem;
use crate::api::rounds::explained_wishes;
use crate::api::seekers;
use crate::api::sight::Sight;
use crate::db::accounts::AccountRow;
use crate::db::inputs::FrozenOf;
use crate::db::rights::{self as requests, Filter, RequestRow};
use crate::db::seekers::Scope;
use crate::db::{
    Conn, Fault, accounts, activations, applications, breaches, consents, evidence, inputs,
    journal, kept, merges, refresh, rounds, second_factors, sessions,
};
use crate::domain::ids::{DataRequestId, SeekerId};
use crate::domain::problem::Code;
use crate::domain::retention::Keeping;
use crate::domain::time::{Day, Instant, Zone};
use crate::matching::lottery::hex;
use crate::render;
use crate::texts::{self, Lang};
use uuid::Uuid;

/// Requests and rounds that are read at a time.
const PAGE: i64 = 100;

/// Who reads the own data.
#[derive(Clone, Copy)]
struct Reader {
    seeker: SeekerId,
    sight: Sight,
    lang: Lang,
    now: Instant,
    /// How long records are kept, as far as a rule says so.
    keeping: Option<Keeping>,
}

fn all_requests(conn: &mut Conn<'_>, seeker: SeekerId) -> Result<Vec<RequestRow>, Fault> {
    let filter = Filter { seeker: Some(seeker), ..Filter::default() };
    let (mut all, mut after): (Vec<RequestRow>, Option<DataRequestId>) = (Vec::new(), None);
    loop {
        let page = requests::page(conn, &filter, after, PAGE)?;
        let Some(last) = page.last() else { return Ok(all) };
        after = Some(last.id);
        all.extend(page);
    }
}

fn asked(
    conn: &mut Conn<'_>,
    rows: &[RequestRow],
    who: Reader,
) -> Result<Vec<DataRequest>, Problem> {
    let one = |row: &RequestRow| {
        let words = row.open(conn)?;
        Ok(DataRequest::shown(who.sight, row, words, (who.now, who.lang)))
    };
    rows.iter().map(one).collect()
}

fn handed_in(conn: &mut Conn<'_>, rows: &[RequestRow]) -> Result<Vec<EvidenceFile>, Fault> {
    let mut all = Vec::new();
    for row in rows {
        all.extend(evidence::of(conn, row.id)?.into_iter().map(EvidenceFile::from));
    }
    Ok(all)
}

fn logged_in(conn: &mut Conn<'_>, account: &AccountRow) -> Result<Vec<ExportedSession>, Fault> {
    let rows = sessions::kept(conn, account.id)?;
    let tokens = refresh::kept(conn, account.id)?;
    let one = |row: &sessions::SessionRow| {
        let own = tokens.iter().filter(|token| token.session == row.id);
        ExportedSession::of(row, own.map(Into::into).collect())
    };
    Ok(rows.iter().map(one).collect())
}

fn account_of(conn: &mut Conn<'_>, row: &AccountRow) -> Result<ExportedAccount, Fault> {
    let factor = second_factors::confirmed(conn, row.id)?;
    let recovery_codes_left = second_factors::codes_left(conn, row.id)?;
    let told = |at: Instant| ExportedFactor { confirmed_at: at.utc(), recovery_codes_left };
    Ok(ExportedAccount::of(row, factor.and_then(|row| row.confirmed_at).map(told)))
}

/// What the frozen inputs say of the person, under the pseudonym.
fn frozen(conn: &mut Conn<'_>, all: &[FrozenOf], lang: Lang) -> Result<Vec<FrozenList>, Problem> {
    let mut lists = Vec::new();
    for one in all {
        let row = inputs::get(conn, one.season, one.version)?;
        let input = Input::read(&inputs::canonical(conn, &row)?)?;
        let pseudonym = hex(&one.pseudonym);
        let record = input.by_pseudonym().remove(pseudonym.as_str()).cloned();
        let record = record.ok_or_else(|| Fault::broken("a pseudonym without a record"))?;
        lists.push(FrozenList::of(one, &row.open, &record, lang));
    }
    Ok(lists)
}

/// The published rounds that decided about the person.
fn results(
    conn: &mut Conn<'_>,
    frozen: &[FrozenOf],
    who: Reader,
) -> Result<Vec<ExportedResult>, Problem> {
    let mut all = Vec::new();
    for one in frozen {
        for round in rounds::page(conn, one.season, rounds::Scope::Published, None, PAGE)? {
            if round.input_version == one.version {
                let seat = rounds::seat_of(conn, round.id, one.seeker)?;
                let seat = seat.map(ExportedSeat::from);
                let scope = rounds::Scope::Published;
                let wishes = explained_wishes(conn, round.id, one.seeker, scope, who.lang)?;
                all.push(ExportedResult::of(&round, seat, wishes));
            }
        }
    }
    Ok(all)
}

/// What was done to the person, to the account, to lists and requests.
fn lines(
    conn: &mut Conn<'_>,
    subjects: &[Uuid],
    account: Option<&AccountRow>,
) -> Result<Vec<ExportedLine>, Fault> {
    let me = account.map(|account| account.id);
    let lines = journal::about(conn, subjects)?;
    Ok(lines.into_iter().map(|line| ExportedLine::of(line, me)).collect())
}

/// Every answer about a purpose.
fn agreed(conn: &mut Conn<'_>, seeker: SeekerId) -> Result<Vec<Consent>, Fault> {
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let page = consents::page(conn, seeker, after, PAGE)?;
        let Some(last) = page.last() else { return Ok(all) };
        after = Some(last.id);
        all.extend(page.into_iter().map(Consent::from));
    }
}

fn breached(conn: &mut Conn<'_>, seeker: SeekerId) -> Result<Vec<ExportedBreach>, Fault> {
    let (mut all, mut before) = (Vec::new(), None);
    loop {
        let page = breaches::told_to(conn, seeker, before, PAGE)?;
        let Some((last, _)) = page.last() else { return Ok(all) };
        before = Some(last.id);
        all.extend(page.into_iter().map(ExportedBreach::from));
    }
}

fn kept_until(conn: &mut Conn<'_>, who: Reader) -> Result<Option<Day>, Fault> {
    let kept = kept::one(conn, who.seeker)?;
    Ok(kept.zip(who.keeping).map(|(kept, keeping)| keeping.until(&kept)))
}

fn gathered(conn: &mut Conn<'_>, who: Reader) -> Result<Export, Problem> {
    let record = seekers::show(conn, (who.seeker, Scope::All), who.sight)?;
    let account = accounts::of_seeker(conn, who.seeker)?;
    let lists = applications::of_person(conn, who.seeker)?;
    let requests = all_requests(conn, who.seeker)?;
    let merged = merges::behind(conn, who.seeker)?;
    let mut records = vec![who.seeker];
    records.extend(merged.iter().map(|merge| merge.double_id));
    let frozen_of = inputs::of_person(conn, &records)?;
    let mut subjects: Vec<Uuid> = records.iter().map(|record| record.uuid()).collect();
    subjects.extend(account.iter().map(|account| account.id.uuid()));
    subjects.extend(lists.iter().map(|list| list.id.uuid()));
    subjects.extend(requests.iter().map(|request| request.id.uuid()));
    Ok(Export {
        made_at: who.now.utc(),
        record,
        kept_until: kept_until(conn, who)?,
        sessions: account.as_ref().map_or_else(|| Ok(Vec::new()), |a| logged_in(conn, a))?,
        activation_code: activations::of(conn, who.seeker)?.map(ExportedCode::from),
        applications: lists.iter().map(ExportedList::of).collect::<Result<_, _>>()?,
        frozen_lists: frozen(conn, &frozen_of, who.lang)?,
        results: results(conn, &frozen_of, who)?,
        data_requests: asked(conn, &requests, who)?,
        evidence_files: handed_in(conn, &requests)?,
        consents: agreed(conn, who.seeker)?,
        external_ids: numbers(conn, who.seeker, who.sight)?,
        breaches: breached(conn, who.seeker)?,
        merges: merged.iter().map(|row| ExportedMerge::of(conn, row)).collect::<Result<_, _>>()?,
        journal: lines(conn, &subjects, account.as_ref())?,
        account: account.as_ref().map(|row| account_of(conn, row)).transpose()?,
    })
}

async fn export(who: &Only<Seeker>) -> Result<Export, Problem> {
    let (seeker, sight, lang) = (who.is.seeker, who.sight(), who.lang);
    let keeping = Keeping::on(who.now().day_in(Zone::Jakarta), &who.app().rules).ok();
    who.snapshot(move |conn, now| gathered(conn, Reader { seeker, sight, lang, now, keeping }))
        .await
}

pub async fn get_export(who: Only<Seeker>) -> Result<Secret<Export>, Problem> {
    export(&who).await.map(Secret)
}

pub async fn get_export_page(who: Only<Seeker>) -> Result<Html, Problem> {
    let whole = serde_json::to_value(export(&who).await?).map_err(|_| Code::Internal)?;
    let (title, note) =
        (texts::label(who.lang, "export_title"), texts::label(who.lang, "export_note"));
    Ok(Html(render::page(who.lang, title, note, &whole)))
}
