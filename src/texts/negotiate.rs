//! The language of an answer from `Accept-Language` (RFC 9110 12.5.4, lookup of RFC 4647 3.4).
//! Must not know: what is said in it.

use super::Lang;

impl Lang {
    /// The best language that the reader names and we have, else Indonesian.
    /// `*` is the first of ours that was not ruled out; a weight of 0 rules a language out.
    pub fn negotiate(accept_language: &str) -> Self {
        let ranges: Vec<(&str, u16)> = accept_language.split(',').filter_map(range).collect();
        let ruled_out = |lang: Self| ranges.iter().any(|(tag, q)| *q == 0 && is(tag, lang));
        let mut wanted: Vec<_> = ranges.iter().filter(|(_, q)| *q > 0).collect();
        // A stable sort: among equal weights the order of the header counts.
        wanted.sort_by_key(|(_, q)| std::cmp::Reverse(*q));
        wanted
            .into_iter()
            .find_map(|(tag, _)| {
                let fits = |lang: &Self| (*tag == "*" || is(tag, *lang)) && !ruled_out(*lang);
                Self::ALL.iter().copied().find(fits)
            })
            .unwrap_or(Self::Id)
    }
}

/// Tag and weight in thousandths; `None` where the weight is no weight.
fn range(part: &str) -> Option<(&str, u16)> {
    let mut fields = part.split(';').map(str::trim);
    let tag = fields.next().filter(|tag| !tag.is_empty())?;
    let weight = match fields.next() {
        None => 1000,
        Some(field) => thousandths(field.strip_prefix("q=").or(field.strip_prefix("Q="))?)?,
    };
    Some((tag, weight))
}

/// `0`, `0.8`, `1.000`: one digit and at most three after the point.
fn thousandths(text: &str) -> Option<u16> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let digits = |t: &str| t.bytes().all(|b| b.is_ascii_digit());
    if whole.len() != 1 || part.len() > 3 || !digits(whole) || !digits(part) {
        return None;
    }
    format!("{whole}{part:0<3}").parse().ok().filter(|q| *q <= 1000)
}

/// Only the primary subtag counts, for we have no regional texts. `in` is how older phones
/// spell Indonesian.
fn is(tag: &str, lang: Lang) -> bool {
    let primary = tag.split('-').next().unwrap_or(tag);
    primary.eq_ignore_ascii_case(lang.as_str())
        || (lang == Lang::Id && primary.eq_ignore_ascii_case("in"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_heaviest_language_that_we_have_wins() {
        for (header, lang) in [
            ("id, en, ko", Lang::Id),
            ("ko-KR,ko;q=0.9,en-US;q=0.8", Lang::Ko),
            ("fr-FR, en;q=0.5, ko;q=0.7", Lang::Ko),
            ("EN-gb", Lang::En),
            ("in-ID,en;q=0.4", Lang::Id),
            ("en;q=0.5,ko;q=0.5", Lang::En),
            ("en ; q=0.2 , ko ; Q=0.30", Lang::Ko),
        ] {
            assert_eq!(Lang::negotiate(header), lang, "{header}");
        }
    }

    #[test]
    fn an_unknown_language_gives_indonesian() {
        for header in ["", "fr", "*", "en;q=0", "id;q=0", "en;q=2", "en;q=x", ";;,,", "english"] {
            assert_eq!(Lang::negotiate(header), Lang::Id, "{header:?}");
        }
    }

    #[test]
    fn the_star_is_the_first_that_was_not_ruled_out() {
        assert_eq!(Lang::negotiate("*, id;q=0"), Lang::Ko);
        assert_eq!(Lang::negotiate("*;q=0.1, en;q=0.5"), Lang::En);
        assert_eq!(Lang::negotiate("id-ID;q=0, ko;q=0, *;q=0.1"), Lang::En);
    }
}
