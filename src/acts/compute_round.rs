//! Computes a round from the frozen input and its beacon alone, never from live tables.
//! Must not know: HTTP, jobs.

use super::frozen::Input;
use crate::db::rounds::{self, RoundRow, Scope, SeatRow};
use crate::db::types::Json;
use crate::db::{Actor, Conn, Fault, Store, inputs};
use crate::domain::ids::{QuotaId, RoundId, SeekerId};
use crate::domain::lifecycle::decide;
use crate::domain::roles::Role;
use crate::domain::rounds::{RoundEvent, RoundState};
use crate::matching::lottery::{Hash, hex};
use crate::matching::{
    Instance, Key, Lint, NodeFill, Outcome, Standing, Verdict, digest, lints, solve,
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

/// The frozen input of a round with everybody behind it.
pub struct Reading {
    pub input: Input,
    pub instance: Instance,
    pub people: HashMap<String, SeekerId>,
}

/// Reads the input that a round stands on.
pub fn reading(conn: &mut Conn<'_>, round: &RoundRow) -> Result<Reading, Fault> {
    let row = inputs::get(conn, round.season_id, round.input_version)?;
    let input = Input::read(&inputs::canonical(conn, &row)?)?;
    let seed: Hash = row
        .seed
        .and_then(|seed| seed.try_into().ok())
        .ok_or_else(|| Fault::broken("a round without a seed"))?;
    let people = inputs::people(conn, round.season_id, round.input_version)?;
    let instance = input.instance(&seed)?;
    let people = people.into_iter().map(|(id, pseudonym)| (hex(&pseudonym), id)).collect();
    Ok(Reading { input, instance, people })
}

type Placed = (Reverse<u32>, u64, String);

/// The key of a seat, the best first.
fn placed(instance: &Instance, seeker: &str, quota: &str) -> Option<Placed> {
    let list = instance.find_seeker(seeker)?.list();
    let entry = list.iter().find(|e| e.quota().as_str() == quota)?;
    match entry.verdict() {
        Verdict::Eligible(Key { points, lottery, .. }) => {
            Some((Reverse(*points), *lottery, seeker.to_owned()))
        }
        Verdict::Ineligible(_) => None,
    }
}

/// Seats numbered from 1 on in every quota, in the order of keys.
fn numbered(read: &Reading, outcome: &Outcome, round: RoundId) -> Result<Vec<SeatRow>, Fault> {
    let records = read.input.by_pseudonym();
    let mut by_quota: BTreeMap<&str, Vec<Placed>> = BTreeMap::new();
    for (seeker, quota) in outcome.seats() {
        let Some(quota) = quota else { continue };
        let key = placed(&read.instance, seeker.as_str(), quota.as_str());
        by_quota.entry(quota.as_str()).or_default().extend(key);
    }
    let mut rows = Vec::new();
    for (quota, mut keys) in by_quota {
        keys.sort();
        let quota_id: QuotaId = quota.parse().map_err(Fault::broken)?;
        for (number, (_, _, pseudonym)) in (1..).zip(keys) {
            let person = read.people.get(&pseudonym);
            let seeker_id = *person.ok_or_else(|| Fault::broken("a pseudonym of nobody"))?;
            let record = records.get(pseudonym.as_str());
            let wish = record.and_then(|r| Some((*r, r.list.iter().find(|w| w.quota == quota)?)));
            let (record, wish) = wish.ok_or_else(|| Fault::broken("a seat off the list"))?;
            rows.push(SeatRow {
                round_id: round,
                seeker_id,
                quota_id,
                number,
                kecamatan: record.kecamatan.clone(),
                sex: record.sex.parse().map_err(Fault::broken)?,
                age_band: wish.age_band.clone(),
                experience_band: wish.experience_band.clone(),
            });
        }
    }
    Ok(rows)
}

fn standing(s: &Standing) -> Value {
    json!({ "class": s.class, "points": s.points, "lottery": s.lottery })
}

fn node(fill: &NodeFill) -> Value {
    let public = fill.published();
    json!({
        "node": fill.node.as_str(), "cap": public.cap, "filled": public.filled,
        "cutoff": public.cutoff.as_ref().map(standing),
    })
}

fn lint(lint: &Lint) -> Value {
    json!({ "code": lint.as_str(), "node": lint.node().map(crate::matching::NodeId::as_str) })
}

/// SHA-256 over `pseudonym quota\n` of everybody by pseudonym, `-` for no seat.
fn outcome_digest(outcome: &Outcome) -> String {
    let mut hash = Sha256::new();
    for (seeker, quota) in outcome.seats() {
        let quota = quota.as_ref().map_or("-", |q| q.as_str());
        hash.update(format!("{seeker} {quota}\n"));
    }
    hex(&hash.finalize())
}

/// Computes a queued round; one that is computed already stands as it is.
pub fn compute(store: &Store, actor: Actor, id: RoundId) -> Result<(), Fault> {
    let (round, read) = store.snapshot(|conn, _| {
        let round = rounds::get(conn, id, Scope::All)?;
        if round.state != RoundState::Queued {
            return Ok::<_, Fault>((round, None));
        }
        let read = reading(conn, &round)?;
        Ok((round, Some(read)))
    })?;
    let Some(read) = read else { return Ok(()) };
    let outcome = solve(&read.instance);
    let seats = numbered(&read, &outcome, id)?;
    let nodes: Vec<Value> = outcome.nodes().iter().map(node).collect();
    let remarks: Vec<Value> = lints(&read.instance).iter().map(lint).collect();
    let everybody = i64::try_from(outcome.seats().len()).map_err(Fault::broken)?;
    let placed = i64::try_from(seats.len()).map_err(Fault::broken)?;
    let (instance_digest, outcome_digest) = (digest(&read.instance), outcome_digest(&outcome));
    store.write(actor, |tx, now| {
        let step =
            decide(round.state, RoundEvent::Compute, Role::Office).map_err(|_| Fault::Moved)?;
        rounds::keep(tx, &round, step, |row| RoundRow {
            nodes: Some(Json(Value::Array(nodes.clone()))),
            lints: Some(Json(Value::Array(remarks.clone()))),
            placed: Some(placed),
            unplaced: Some(everybody - placed),
            instance_digest: Some(instance_digest.clone()),
            outcome_digest: Some(outcome_digest.clone()),
            computed_at: Some(now),
            ..row
        })?;
        rounds::insert_seats(tx, &seats)
    })
}
