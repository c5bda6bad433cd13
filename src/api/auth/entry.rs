//! The way in: a login, its password, and the second factor where there is one. Every try is counted
//! before it is judged, and who failed too often waits. Must not know: what those who get in want.

use super::password::verified;
use super::{LogIn, device};
use crate::api::guard::{Anybody, Only};
use crate::api::problem::Problem;
use crate::db::accounts::{self, AccountRow};
use crate::db::attempts::{self, Tries};
use crate::db::types::AccountState;
use crate::db::{Conn, Fault, Tx, second_factors};
use crate::domain::problem::Code;
use crate::domain::time::Instant;
use crate::password;

/// What is known of a try before its password is: the account, if the login is one, and whose tries
/// it counts among. A device that got in before has tries of its own, so that strangers who fail at
/// somebody's login, even from the same address, do not lock its owner out.
struct Door {
    account: Option<AccountRow>,
    device: Vec<u8>,
    tries: Tries,
}

impl Door {
    fn find(tx: &mut Tx<'_>, given: &LogIn, address: &str) -> Result<Self, Fault> {
        let account = accounts::by_login(tx, &given.login)?;
        let known = account.as_ref().zip(given.device.as_deref());
        let known = known.filter(|(a, token)| device::is_of(tx.seal, a.id, token, tx.now));
        let device = known.map_or(Vec::new(), |(_, token)| token.as_bytes().to_vec());
        let place = if device.is_empty() { address.as_bytes() } else { &device };
        let login = accounts::login_index(tx, &given.login);
        let tries = Tries::of(tx, &[b"password", &login, place]);
        Ok(Self { account, device, tries })
    }

    /// Guesses at the code of one account are counted from wherever they come: whoever makes them
    /// knows the password.
    fn tries_at_code(&self, conn: &Conn<'_>, account: &AccountRow) -> Tries {
        Tries::of(conn, &[b"code", account.id.uuid().as_bytes(), &self.device])
    }
}

/// Refused until that moment.
fn paused(until: Instant, now: Instant) -> Problem {
    let seconds = (until.micros() - now.micros()).div_euclid(1_000_000) + 1;
    Problem::busy(u32::try_from(seconds).unwrap_or(1), Code::LogInPaused)
}

/// One more try at something that is guessed at: refused during a pause, and `wrong` unless `judge`
/// finds something.
pub(super) fn counted<T>(
    tx: &mut Tx<'_>,
    tries: &Tries,
    wrong: Code,
    judge: impl FnOnce(&mut Tx<'_>) -> Result<Option<T>, Problem>,
) -> Result<Result<T, Problem>, Problem> {
    if let Err(until) = attempts::take(tx, tries)? {
        return Ok(Err(paused(until, tx.now)));
    }
    let Some(good) = judge(tx)? else { return Ok(Err(wrong.into())) };
    attempts::good(tx, tries)?;
    Ok(Ok(good))
}

/// Whether the second factor that the account has was shown; an account without one needs none.
fn judge_code(
    tx: &mut Tx<'_>,
    door: &Door,
    account: &AccountRow,
    code: Option<&str>,
) -> Result<Result<bool, Problem>, Problem> {
    let Some(factor) = second_factors::confirmed(tx, account.id)? else { return Ok(Ok(false)) };
    let Some(code) = code else { return Ok(Err(Code::SecondFactorNeeded.into())) };
    let tries = door.tries_at_code(tx, account);
    counted(tx, &tries, Code::SecondFactorWrong, |tx| {
        Ok(second_factors::take_code(tx, &factor, code)?.then_some(true))
    })
}

/// Lets somebody in who gives a good password and, if the account has one, the second factor.
/// `then` does what they came for in the same transaction; it is told whether the account has a second
/// factor. Its inner refusal is an answer like another: what was counted and used up is kept.
pub(super) async fn let_in<T: Send + 'static>(
    who: &Only<Anybody>,
    given: LogIn,
    then: impl Fn(&mut Tx<'_>, &AccountRow, bool) -> Result<Result<T, Code>, Problem> + Send + 'static,
) -> Result<(AccountRow, T), Problem> {
    let (address, code, secret) = (who.address(), given.code.clone(), given.password.clone());
    let taken = who.write(move |tx, _| {
        let door = Door::find(tx, &given, &address)?;
        let taken = attempts::take(tx, &door.tries)?;
        Ok(taken.map(|()| door).map_err(|until| paused(until, tx.now)))
    });
    let door = taken.await??;
    let phc = door.account.as_ref().map_or(password::NOBODY, |a| &a.password_hash).to_owned();
    let good = match verified(who, secret, phc).await {
        Ok(good) => good,
        Err(busy) => {
            who.write(move |tx, _| Ok(attempts::take_back(tx, &door.tries)?)).await?;
            return Err(busy);
        }
    };
    let is_in = |a: &&AccountRow| good && a.state == AccountState::Active;
    let seen = door.account.as_ref().filter(is_in).cloned().ok_or(Code::LoginRefused)?;
    let entered = who.write(move |tx, _| {
        let Some(account) = accounts::still(tx, &seen)? else {
            return Ok(Err(Code::LoginRefused.into()));
        };
        attempts::good(tx, &door.tries)?;
        let has_factor = match judge_code(tx, &door, &account, code.as_deref())? {
            Ok(has_factor) => has_factor,
            Err(refused) => return Ok(Err(refused)),
        };
        let done = then(tx, &account, has_factor)?;
        Ok(done.map(|done| (account, done)).map_err(Problem::from))
    });
    entered.await?
}
