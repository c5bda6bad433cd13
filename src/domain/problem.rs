//! What can be wrong, by stable code, and how problems are gathered: all of them, each with its
//! JSON pointer. Must not know: statuses, languages (texts/ has a text for every code).

pub use super::codes::Code;

/// A code with the figures behind it, for the text: `("max", "50")`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    pub code: Code,
    pub facts: Vec<(&'static str, String)>,
}

impl Reason {
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.facts.push((name, value.to_string()));
        self
    }
}

impl From<Code> for Reason {
    fn from(code: Code) -> Self {
        Self { code, facts: Vec::new() }
    }
}

impl Code {
    /// Starts a reason with one figure: `Code::TooLong.with("max", 120)`.
    pub fn with(self, name: &'static str, value: impl ToString) -> Reason {
        Reason::from(self).with(name, value)
    }
}

/// One reason at one place of a document (RFC 6901 pointer).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    pub pointer: String,
    pub reason: Reason,
}

/// Every problem of one document.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Problems(pub Vec<Wrong>);

impl Problems {
    /// Notes the reason under `pointer`, or hands the value on.
    pub fn at<T, E: Into<Reason>>(&mut self, pointer: &str, tried: Result<T, E>) -> Option<T> {
        match tried {
            Ok(value) => Some(value),
            Err(reason) => {
                self.add(pointer, reason);
                None
            }
        }
    }

    /// The same for a field that may be absent: `Some(None)` is a good absence.
    pub fn maybe<S, T, E: Into<Reason>>(
        &mut self,
        pointer: &str,
        given: Option<S>,
        parse: impl FnOnce(S) -> Result<T, E>,
    ) -> Option<Option<T>> {
        match given {
            None => Some(None),
            Some(value) => self.at(pointer, parse(value)).map(Some),
        }
    }

    pub fn add(&mut self, pointer: &str, reason: impl Into<Reason>) {
        self.0.push(Wrong { pointer: pointer.to_owned(), reason: reason.into() });
    }

    /// Takes over the problems of a part that stands at `prefix`.
    pub fn under(&mut self, prefix: &str, part: Problems) {
        self.0.extend(
            part.0.into_iter().map(|w| Wrong { pointer: format!("{prefix}{}", w.pointer), ..w }),
        );
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The value if nothing was wrong, else everything that was.
    pub fn done<T>(mut self, value: impl FnOnce() -> Option<T>) -> Result<T, Self> {
        if self.is_empty() {
            match value() {
                Some(value) => return Ok(value),
                None => self.add("", Code::Invalid),
            }
        }
        Err(self)
    }
}
