//! What may leave the machine in plain, because something else encrypts its way.
//! Must not know: addresses.

use clap::ValueEnum;

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Plain {
    /// Requests: a proxy in front ends TLS.
    Http,
    /// The figures.
    Metrics,
}

/// The words of a list. The error is a line for the person.
pub(super) fn listed(text: &str) -> Result<Vec<Plain>, String> {
    let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
    let wrong = |item: &str| format!("MUSIMAN_PLAIN: `{item}` is neither http nor metrics");
    items.map(|item| Plain::from_str(item, true).map_err(|_| wrong(item))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_plain_is_named_word_by_word() {
        assert_eq!(listed(""), Ok(vec![]));
        assert_eq!(listed("http, metrics"), Ok(vec![Plain::Http, Plain::Metrics]));
        for wrong in ["all", "*", "https"] {
            assert!(listed(wrong).is_err(), "{wrong}");
        }
    }
}
