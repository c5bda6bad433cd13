//! Points by the season's published rubric: whole numbers, each part shown.
//! Must not know: who the person is, lists, the lottery.

use super::fields;
use super::problem::{Code, Problems};
use super::rulebook::hex;
use super::seasons::Sector;
use sha2::{Digest, Sha256};

/// No rubric can give more, so that keys of contracts stay small integers.
pub const MAX_POINTS: i64 = 1_000_000;

/// The largest step of a part, in its own unit.
const PER_MAX: i64 = 10_000;

const HEADER: &str = "musiman rubric 1";

crate::words!(
    /// What a part of a rubric counts; the unit of its value.
    RubricKind {
        /// Full months of work in the quota's sector.
        Experience = "experience",
        /// Levels of Korean, 0 to 5.
        Korean = "korean",
        /// Hours of training.
        Training = "training",
    }
);

/// A part as a request says it: `points` for every full `per` units, at most `max` points.
/// Experience per full year is `per` 12; Korean per level is `per` 1.
#[derive(Debug, Clone, Default)]
pub struct RubricPartForm {
    pub kind: String,
    pub per: i64,
    pub points: i64,
    pub max: i64,
}

/// One part, well formed: all three figures are positive and bounded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RubricPart {
    kind: RubricKind,
    per: i64,
    points: i64,
    max: i64,
}

impl RubricPart {
    pub const fn kind(&self) -> RubricKind {
        self.kind
    }
    pub const fn per(&self) -> i64 {
        self.per
    }
    pub const fn points(&self) -> i64 {
        self.points
    }
    pub const fn max(&self) -> i64 {
        self.max
    }
}

/// Parts of different kinds, in the order of `RubricKind`. Without parts all have equal points and
/// the lottery alone decides.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rubric {
    parts: Vec<RubricPart>,
}

/// What a rubric looks at in a person.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Merits {
    pub farm_months: i64,
    pub fishery_months: i64,
    /// 0 to 5.
    pub korean_level: i64,
    pub training_hours: i64,
}

/// What one part gave, and for which value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ScoredPart {
    pub kind: RubricKind,
    pub value: i64,
    pub points: i64,
}

/// Between 0 and `MAX_POINTS`; the parts add up to the total.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Points {
    pub total: i64,
    pub parts: Vec<ScoredPart>,
}

impl Rubric {
    /// Reads the parts; pointers are `/<index>/<member>`. Refuses a kind that stands twice and a
    /// sum of maxima over `MAX_POINTS`.
    pub fn parse(forms: &[RubricPartForm]) -> Result<Self, Problems> {
        let mut p = Problems::default();
        let mut parts: Vec<RubricPart> = Vec::new();
        for (index, form) in forms.iter().enumerate() {
            let at = |member: &str| format!("/{index}/{member}");
            let kind = p.at(&at("kind"), fields::word(&form.kind));
            let per = p.at(&at("per"), fields::number(form.per, 1..=PER_MAX));
            let points = p.at(&at("points"), fields::number(form.points, 1..=MAX_POINTS));
            let max = p.at(&at("max"), fields::number(form.max, 1..=MAX_POINTS));
            if let (Some(kind), Some(per), Some(points), Some(max)) = (kind, per, points, max) {
                if parts.iter().any(|earlier| earlier.kind == kind) {
                    p.add(&at("kind"), Code::Duplicate);
                }
                parts.push(RubricPart { kind, per, points, max });
            }
        }
        if parts.iter().map(|part| part.max).fold(0, i64::saturating_add) > MAX_POINTS {
            p.add("", Code::TooLarge.with("max", MAX_POINTS));
        }
        parts.sort_by_key(|part| part.kind);
        p.done(|| Some(Self { parts }))
    }

    pub fn parts(&self) -> &[RubricPart] {
        &self.parts
    }

    /// Points of a person at a quota of `sector`. Linear in the parts; negative values count as 0.
    pub fn score(&self, merits: &Merits, sector: Sector) -> Points {
        let parts: Vec<ScoredPart> = self
            .parts
            .iter()
            .map(|part| {
                let value = merits.value(part.kind, sector).max(0);
                let points = (value / part.per).saturating_mul(part.points).min(part.max);
                ScoredPart { kind: part.kind, value, points }
            })
            .collect();
        Points { total: parts.iter().map(|part| part.points).sum(), parts }
    }

    /// A line each part, in a fixed order: equal rubrics give equal bytes.
    pub fn canonical(&self) -> String {
        self.parts.iter().fold(format!("{HEADER}\n"), |text, part| {
            let RubricPart { kind, per, points, max } = part;
            text + &format!("{kind} per {per} points {points} max {max}\n")
        })
    }

    /// Reads what `canonical` wrote.
    pub fn parse_canonical(text: &str) -> Result<Self, Problems> {
        let unreadable = || {
            let mut p = Problems::default();
            p.add("", Code::Invalid);
            p
        };
        let forms: Option<Vec<RubricPartForm>> = text.lines().skip(1).map(canonical_line).collect();
        let rubric = Self::parse(&forms.ok_or_else(unreadable)?)?;
        if rubric.canonical() == text { Ok(rubric) } else { Err(unreadable()) }
    }

    /// SHA-256 of the canonical text, 64 hexadecimal digits.
    pub fn digest(&self) -> String {
        hex(&Sha256::digest(self.canonical()))
    }
}

impl Merits {
    fn value(&self, kind: RubricKind, sector: Sector) -> i64 {
        match kind {
            RubricKind::Experience => sector.pick(self.farm_months, self.fishery_months),
            RubricKind::Korean => self.korean_level,
            RubricKind::Training => self.training_hours,
        }
    }
}

fn canonical_line(line: &str) -> Option<RubricPartForm> {
    let words: Vec<&str> = line.split(' ').collect();
    let [kind, "per", per, "points", points, "max", max] = words.as_slice() else {
        return None;
    };
    Some(RubricPartForm {
        kind: (*kind).to_owned(),
        per: per.parse().ok()?,
        points: points.parse().ok()?,
        max: max.parse().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(kind: &str, per: i64, points: i64, max: i64) -> RubricPartForm {
        RubricPartForm { kind: kind.into(), per, points, max }
    }

    fn rubric() -> Rubric {
        Rubric::parse(&[
            form("training", 40, 5, 20),
            form("experience", 12, 10, 50),
            form("korean", 1, 6, 30),
        ])
        .unwrap()
    }

    fn experience(months: i64) -> i64 {
        let merits = Merits { farm_months: months, ..Merits::default() };
        rubric().score(&merits, Sector::Agriculture).total
    }

    #[test]
    fn experience_counts_by_full_years_up_to_the_maximum() {
        assert_eq!(experience(11), 0);
        assert_eq!(experience(12), 10);
        assert_eq!(experience(23), 10);
        assert_eq!(experience(59), 40);
        assert_eq!(experience(60), 50);
        assert_eq!(experience(600), 50);
        assert_eq!(experience(i64::MAX), 50);
        assert_eq!(experience(-12), 0);
    }

    #[test]
    fn experience_of_the_other_sector_gives_nothing() {
        let merits = Merits { farm_months: 60, fishery_months: 12, ..Merits::default() };
        assert_eq!(rubric().score(&merits, Sector::Fishery).total, 10);
        assert_eq!(rubric().score(&merits, Sector::Agriculture).total, 50);
    }

    #[test]
    fn the_parts_are_shown_and_add_up() {
        let merits =
            Merits { farm_months: 30, fishery_months: 0, korean_level: 3, training_hours: 79 };
        let points = rubric().score(&merits, Sector::Agriculture);
        let parts: Vec<(RubricKind, i64, i64)> =
            points.parts.iter().map(|p| (p.kind, p.value, p.points)).collect();
        assert_eq!(
            parts,
            [
                (RubricKind::Experience, 30, 20),
                (RubricKind::Korean, 3, 18),
                (RubricKind::Training, 79, 5)
            ]
        );
        assert_eq!(points.total, 43);
    }

    #[test]
    fn a_rubric_without_parts_gives_everybody_the_same() {
        let merits = Merits { farm_months: 60, ..Merits::default() };
        assert_eq!(Rubric::default().score(&merits, Sector::Agriculture), Points::default());
    }

    #[test]
    fn every_bad_figure_of_a_rubric_is_told_at_once() {
        let problems = Rubric::parse(&[
            form("age", 0, 0, MAX_POINTS + 1),
            form("korean", 1, 1, 5),
            form("korean", 1, 2, 5),
        ])
        .unwrap_err();
        let told: Vec<(&str, Code)> =
            problems.0.iter().map(|w| (w.pointer.as_str(), w.reason.code)).collect();
        let expected = [
            ("/0/kind", Code::UnknownValue),
            ("/0/per", Code::TooSmall),
            ("/0/points", Code::TooSmall),
            ("/0/max", Code::TooLarge),
            ("/2/kind", Code::Duplicate),
        ];
        assert_eq!(told, expected);
    }

    #[test]
    fn all_parts_together_stay_under_the_most_points() {
        let parts = [form("korean", 1, 1, MAX_POINTS), form("training", 1, 1, 1)];
        let problems = Rubric::parse(&parts).unwrap_err();
        assert_eq!(problems.0[0].reason.code, Code::TooLarge);
        assert!(Rubric::parse(&parts[..1]).is_ok());
    }

    #[test]
    fn a_rubric_comes_back_from_its_canonical_text() {
        let text = rubric().canonical();
        assert_eq!(Rubric::parse_canonical(&text).unwrap(), rubric());
        assert_eq!(
            text,
            "musiman rubric 1\nexperience per 12 points 10 max 50\nkorean per 1 points 6 max 30\n\
             training per 40 points 5 max 20\n"
        );
        assert_eq!(
            Rubric::parse_canonical(&Rubric::default().canonical()).unwrap(),
            Rubric::default()
        );
        for broken in
            ["", "musiman rubric 2\n", "musiman rubric 1\nkorean per 1\n", "musiman rubric 12\n"]
        {
            assert!(Rubric::parse_canonical(broken).is_err(), "{broken}");
        }
    }

    #[test]
    fn the_order_of_parts_does_not_change_the_digest() {
        let turned = Rubric::parse(&[
            form("korean", 1, 6, 30),
            form("experience", 12, 10, 50),
            form("training", 40, 5, 20),
        ]);
        assert_eq!(turned.unwrap().digest(), rubric().digest());
        assert_ne!(Rubric::default().digest(), rubric().digest());
    }
}
