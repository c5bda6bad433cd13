//! Opaque cursors: where a page ended, bound to the list and filters it came from.
//! Must not know: any table.

use super::problem::Problem;
use crate::domain::problem::Code;
use crate::seal::Seal;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use subtle::ConstantTimeEq as _;
use utoipa::IntoParams;
use uuid::Uuid;

/// How many bytes of the keyed hash a cursor carries.
const MAC: usize = 12;
const MAX_LIMIT: i64 = 100;
const DEFAULT_LIMIT: i64 = 20;

/// Where in a list without filters.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct Paging {
    /// 1 to 100, 20 unless told.
    #[param(nullable = false, minimum = 1, maximum = 100)]
    pub limit: Option<i64>,
    /// `next_cursor` of the page before.
    #[param(nullable = false)]
    pub cursor: Option<String>,
}

/// The keyset position: rows after `(order, id)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct After {
    pub order: i64,
    pub id: Uuid,
}

fn mac(seal: &Seal, list: &str, body: &[u8]) -> Vec<u8> {
    let mut hash = seal.index("cursor", &[list.as_bytes(), &[0], body].concat());
    hash.truncate(MAC);
    hash
}

/// Writes the position where a page of `list` (its name with its filters) ended.
pub fn write(seal: &Seal, list: &str, after: After) -> String {
    let body = [&after.order.to_be_bytes()[..], after.id.as_bytes()].concat();
    let mac = mac(seal, list, &body);
    URL_SAFE_NO_PAD.encode([body, mac].concat())
}

/// Reads a cursor of the same list; any other is a 400.
pub fn read(seal: &Seal, list: &str, text: &str) -> Result<After, Problem> {
    let refused = || Problem::from(Code::CursorInvalid);
    let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| refused())?;
    let (order, rest) = bytes.split_first_chunk::<8>().ok_or_else(refused)?;
    let (id, given) = rest.split_first_chunk::<16>().ok_or_else(refused)?;
    let body = bytes.get(..24).ok_or_else(refused)?;
    if !bool::from(given.ct_eq(&mac(seal, list, body))) {
        return Err(refused());
    }
    Ok(After { order: i64::from_be_bytes(*order), id: Uuid::from_bytes(*id) })
}

/// The page's size: 20 unless told, 1 to 100.
pub fn limit(given: Option<i64>) -> Result<i64, Problem> {
    match given.unwrap_or(DEFAULT_LIMIT) {
        limit @ 1..=MAX_LIMIT => Ok(limit),
        _ => Err(Code::ParameterInvalid.with("name", "limit").into()),
    }
}

/// Cuts the one row too many that was read, and says where the page ended if there was one.
pub fn page<T>(
    mut rows: Vec<T>,
    limit: i64,
    position: impl Fn(&T) -> After,
) -> (Vec<T>, Option<After>) {
    let limit = usize::try_from(limit).unwrap_or(0);
    let more = rows.len() > limit;
    rows.truncate(limit);
    let end = if more { rows.last().map(position) } else { None };
    (rows, end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_of_another_list_is_refused() {
        let key = base64::engine::general_purpose::STANDARD.encode([1; 32]);
        let seal = Seal::parse(&format!("index {key}\nseal {key}\n")).unwrap();
        let after = After { order: 7, id: Uuid::from_u128(9) };
        let text = write(&seal, "job-seekers kecamatan=321618", after);
        assert_eq!(read(&seal, "job-seekers kecamatan=321618", &text).unwrap(), after);
        assert!(read(&seal, "job-seekers kecamatan=321619", &text).is_err());
        assert!(read(&seal, "job-seekers kecamatan=321618", "AAAA").is_err());
    }

    #[test]
    fn the_last_page_has_no_end() {
        let at = |n: &i64| After { order: *n, id: Uuid::nil() };
        assert_eq!(page(vec![1, 2, 3], 2, at), (vec![1, 2], Some(at(&2))));
        assert_eq!(page(vec![1, 2], 2, at), (vec![1, 2], None));
    }
}
