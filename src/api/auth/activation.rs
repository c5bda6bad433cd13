//! How people of the register get their account, and get it back after a lost password or phone.
//! Must not know: how a code is kept.

use super::{Tokens, password, tokens_for};
use crate::acts::reset_second_factor;
use crate::api::answer::{Secret, tag_of};
use crate::api::extract::{Json, Key, Path, Seen, Wire};
use crate::api::guard::{Anybody, Office, Only};
use crate::api::problem::Problem;
use crate::api::seekers;
use crate::api::sight::Sight;
use crate::db::accounts::{self, AccountRow, NewAccount};
use crate::db::seekers::Scope;
use crate::db::types::AccountState;
use crate::db::{Fault, Tx, activations, refresh, sessions};
use crate::domain::accounts::PaperCode;
use crate::domain::ids::{AccountId, SeekerId};
use crate::domain::lifecycle::Refusal;
use crate::domain::problem::{Code, Problems};
use crate::domain::roles::Role;
use crate::domain::seekers::SeekerState;
use crate::domain::sessions::Ends;
use crate::domain::time::{Day, Instant, parse_day};
use crate::seal::random;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

/// Letters of a code: 50 bits, for typing.
const CODE: usize = 10;

/// A one-time code; it is shown this once.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({ "code": "7K2M9-QX4TB", "expires_at": "2026-11-27T03:00:00Z" }))]
pub struct ActivationSlip {
    code: String,
    expires_at: DateTime<Utc>,
}

impl ActivationSlip {
    pub(super) fn new(code: &PaperCode, until: Instant) -> Self {
        Self { code: code.grouped(), expires_at: until.utc() }
    }
}

fn may_have_code(tx: &mut Tx<'_>, id: SeekerId, sight: Sight) -> Result<(), Problem> {
    let state = crate::db::seekers::get(tx, id, Scope::All)?.state;
    if state == SeekerState::Draft {
        let tag = tag_of(&seekers::show(tx, (id, Scope::All), sight)?);
        return Err(Problem::state(Refusal::State, tag));
    }
    Ok(())
}

/// A repeated key makes a fresh code: the first one is kept nowhere.
pub async fn make_activation_code(
    who: Only<Office>,
    id: Path<SeekerId>,
    key: Key,
) -> Result<Secret<ActivationSlip>, Problem> {
    let (id, sight) = (id.0, who.sight());
    who.once(
        key,
        Seen::EMPTY,
        |_, _, _| Ok(None),
        move |tx, _| {
            may_have_code(tx, id, sight)?;
            let code = PaperCode::from_random(random::<CODE>().map_err(Fault::broken)?);
            let until = activations::put(tx, id, &code)?;
            Ok(Secret(ActivationSlip::new(&code, until)))
        },
    )
    .await
}

/// The code from the desk, the birth date that the register has, and a password of one's own.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "code": "7K2M9-QX4TB", "born_on": "1996-03-07", "password": "kata sandi yang panjang" }))]
pub struct Activate {
    #[validate(length(min = 1, max = 40))]
    code: String,
    #[schema(format = Date)]
    born_on: String,
    /// 12 to 128 characters; none that is tried first, and none that holds the NIK.
    password: String,
}

pub struct Activation {
    code: PaperCode,
    born_on: Day,
    password: String,
}

impl Wire for Activate {
    type Value = Activation;
    fn value(self) -> Result<Activation, Problems> {
        let mut p = Problems::default();
        let born_on = p.at("/born_on", parse_day(&self.born_on));
        p.at("/password", crate::password::check(&self.password));
        let code = PaperCode::typed(&self.code);
        p.done(|| Some(Activation { code, born_on: born_on?, password: self.password }))
    }
}

/// The account behind a good code with its new password; no account for a refused one. A
/// password that holds the NIK leaves the code as it was.
fn activated(
    tx: &mut Tx<'_>,
    given: &Activation,
    hash: &str,
) -> Result<Option<AccountRow>, Problem> {
    let Some(seeker) = activations::redeem(tx, &given.code, given.born_on)? else {
        return Ok(None);
    };
    let nik = crate::db::seekers::get(tx, seeker, Scope::All)?.open(tx)?.nik;
    password::check_beside(&given.password, nik.as_str(), "/password")?;
    let id = match accounts::of_seeker(tx, seeker)? {
        Some(old) if old.state == AccountState::Disabled => return Ok(None),
        Some(old) => {
            accounts::set_password(tx, old.id, hash)?;
            reset_second_factor::reset(tx, old.id)?;
            sessions::end_all(tx, old.id)?;
            old.id
        }
        None => {
            let id = AccountId(tx.new_id());
            let new = NewAccount {
                login: nik.as_str().to_owned(),
                name: None,
                password_hash: hash.to_owned(),
                role: Role::Seeker,
                organisation: None,
                seeker: Some(seeker),
            };
            accounts::insert(tx, id, new)?;
            id
        }
    };
    Ok(Some(accounts::get(tx, id)?))
}

/// Every refusal costs the same time and says the same.
pub async fn activate(who: Only<Anybody>, body: Json<Activate>) -> Result<Secret<Tokens>, Problem> {
    let (given, ends) = (body.0, Ends::on(who.now(), &who.app().rules)?);
    let hash = password::hashed(&who, given.password.clone(), "/password").await?;
    // A refusal is an answer like another: the try that it counted must be committed.
    let done = who
        .write(move |tx, _| {
            let Some(account) = activated(tx, &given, &hash)? else { return Ok(None) };
            let begun = refresh::begin(tx, &account, ends)?;
            Ok(begun.map(|issued| (account, issued)))
        })
        .await?;
    let (account, issued) = done.ok_or(Code::LoginRefused)?;
    tokens_for(&who, &account, issued).map(Secret)
}
