//! The demo's Korean partners and what they demand: 25 fictional employers in 12 si/gun, 60 quotas,
//! 300 seats. Must not know: tables, the season.

use super::dice::Dice;
use crate::domain::identity::Brn;
use crate::domain::organisations::{OrganisationForm, OrganisationKind};
use crate::domain::quotas::{HousingKind, QuotaForm, WageUnit};
use crate::domain::seasons::{AllocationForm, AllocationKind, Sector};
use std::collections::BTreeMap;

pub const HALF: &str = "2027-H1";

/// Where they are, and which sector is at home there.
const PLACES: [(&str, Sector); 12] = [
    ("51720", Sector::Agriculture),
    ("51760", Sector::Agriculture),
    ("46770", Sector::Fishery),
    ("51800", Sector::Agriculture),
    ("43760", Sector::Agriculture),
    ("44760", Sector::Agriculture),
    ("46890", Sector::Fishery),
    ("41670", Sector::Agriculture),
    ("52790", Sector::Agriculture),
    ("47760", Sector::Agriculture),
    ("48820", Sector::Fishery),
    ("46820", Sector::Agriculture),
];

const NAMES: [&str; 25] = [
    "Haebit", "Saebyeok", "Noeul", "Dallae", "Byeolnae", "Pureun", "Hanmaru", "Onnuri", "Sandeul",
    "Garam", "Narae", "Dasom", "Areum", "Chorok", "Miri", "Bora", "Hanul", "Duri", "Mirae", "Sol",
    "Yeoul", "Nuri", "Bom", "Iseul", "Danbi",
];

const CROPS: [(&str, &str); 8] = [
    ("strawberry", "picking and sorting"),
    ("apple", "thinning and harvest"),
    ("cabbage", "planting and harvest"),
    ("chili pepper", "planting, tying and picking"),
    ("potato", "planting and harvest"),
    ("onion", "harvest and packing"),
    ("tomato", "picking under glass"),
    ("ginseng", "weeding and shading"),
];
const CATCHES: [(&str, &str); 4] = [
    ("laver", "harvest and drying"),
    ("oyster", "shucking and cleaning of ropes"),
    ("abalone", "feeding and sorting"),
    ("kelp", "harvest and drying"),
];

/// First and last days that stay within the longest stay and the season.
const TERMS: [(&str, &str); 5] = [
    ("2027-03-01", "2027-07-31"),
    ("2027-03-01", "2027-10-31"),
    ("2027-04-01", "2027-08-31"),
    ("2027-05-01", "2027-10-31"),
    ("2027-06-01", "2027-10-31"),
];

pub struct Partner {
    pub organisation: OrganisationForm,
    pub quotas: Vec<QuotaForm>,
    place: &'static str,
}

/// What an employer of the kind demands, quota by quota: a household stays under the cap of an
/// employer.
const fn seats_of(kind: OrganisationKind) -> &'static [i64] {
    match kind {
        OrganisationKind::Cooperative => &[4, 4, 4, 4],
        _ => &[6, 5],
    }
}

const fn kind_of(number: u32) -> OrganisationKind {
    match number % 5 {
        3 => OrganisationKind::Company,
        4 => OrganisationKind::Cooperative,
        _ => OrganisationKind::Farm,
    }
}

/// A number whose last digit is the right check digit.
fn business_number(number: u32) -> Option<String> {
    let all = (0..10).map(|check| format!("501-81-{:04}{check}", number + 101));
    all.into_iter().find(|text| Brn::parse(text).is_ok())
}

fn organisation(number: u32, name: &str, place: &str) -> OrganisationForm {
    let kind = kind_of(number);
    let (ending, farm) = match kind {
        OrganisationKind::Cooperative => ("Cooperative", false),
        OrganisationKind::Company => ("Agri Co.", false),
        _ => ("Farm", true),
    };
    OrganisationForm {
        kind: kind.as_str().to_owned(),
        name: format!("{name} {ending} (fictional)"),
        si_gun: Some(place.to_owned()),
        business_number: if farm { None } else { business_number(number) },
        farm_id: farm.then(|| format!("10{:08}", number + 1)),
    }
}

/// Terms that the rules of 2027 allow, with the fictional wage.
fn quota(dice: &mut Dice, kind: AllocationKind, sector: Sector, seats: i64) -> QuotaForm {
    let (crop, work) = match sector {
        Sector::Agriculture => dice.pick(&CROPS, ("apple", "harvest")),
        Sector::Fishery => dice.pick(&CATCHES, ("laver", "harvest")),
    };
    let (starts_on, ends_on) = dice.pick(&TERMS, ("2027-03-01", "2027-07-31"));
    let proper = [HousingKind::House, HousingKind::Apartment, HousingKind::Dormitory];
    let more = i64::try_from(dice.below(12)).unwrap_or(0);
    let (unit, wage) = match dice.below(3) {
        0 => (WageUnit::Hour, 10_700 + more * 100),
        _ => (WageUnit::Month, 2_230_000 + more * 30_000),
    };
    QuotaForm {
        kind: kind.as_str().to_owned(),
        sector: sector.as_str().to_owned(),
        crop: crop.to_owned(),
        work: work.to_owned(),
        starts_on: starts_on.to_owned(),
        ends_on: ends_on.to_owned(),
        seats,
        wage_unit: unit.as_str().to_owned(),
        wage_amount: wage,
        hours_per_week: 40,
        days_off_per_month: dice.pick(&[4, 5, 8], 4),
        housing: dice.pick(&proper, HousingKind::House).as_str().to_owned(),
        housing_deduction: dice.pick(&[0, 120_000, 200_000], 0),
        meals_deduction: dice.pick(&[0, 60_000, 100_000], 0),
        min_experience_months: dice.pick(&[None, None, None, Some(24)], None),
    }
}

/// Everybody, the same at every call with the same dice.
pub fn partners(dice: &mut Dice) -> Vec<Partner> {
    let places = PLACES.iter().cycle();
    let all = (0..).zip(NAMES).zip(places).map(|((number, name), (place, sector))| {
        let kind = kind_of(number);
        let allocation = kind.allocation_kind().unwrap_or(AllocationKind::Household);
        let quotas = seats_of(kind).iter().map(|s| quota(dice, allocation, *sector, *s)).collect();
        Partner { organisation: organisation(number, name, place), quotas, place }
    });
    all.collect()
}

/// Heads for all that is demanded.
pub fn allocations(partners: &[Partner]) -> Vec<AllocationForm> {
    let mut heads: BTreeMap<(&str, &str, &str), i64> = BTreeMap::new();
    for partner in partners {
        for quota in &partner.quotas {
            *heads.entry((partner.place, &quota.sector, &quota.kind)).or_default() += quota.seats;
        }
    }
    let one = |((si_gun, sector, kind), heads): ((&str, &str, &str), i64)| AllocationForm {
        si_gun: si_gun.to_owned(),
        half: HALF.to_owned(),
        sector: sector.to_owned(),
        kind: kind.to_owned(),
        heads,
        document: format!("fictional letter {si_gun}-{sector}-{kind}"),
    };
    heads.into_iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::places::SiGun;
    use crate::domain::quotas::check_terms;
    use crate::domain::rulebook::{DEMO, Rulebook};

    #[test]
    fn the_demand_has_sixty_quotas_and_three_hundred_seats_that_the_rules_allow() {
        let rules = Rulebook::shipped().unwrap().with_overlay(DEMO).unwrap();
        let all = partners(&mut Dice::new(1));
        let mut seats = Vec::new();
        for partner in all {
            let place = SiGun::by_code(partner.place).unwrap();
            partner.organisation.parse().unwrap();
            for form in partner.quotas {
                seats.push(form.seats);
                let terms = form.parse().unwrap();
                check_terms(&terms, &rules, place).unwrap();
            }
        }
        assert_eq!((seats.len(), seats.iter().sum::<i64>()), (60, 300));
    }

    #[test]
    fn twelve_si_gun_get_heads_for_every_seat() {
        let all = allocations(&partners(&mut Dice::new(1)));
        assert_eq!(all.iter().map(|a| a.heads).sum::<i64>(), 300);
        let mut places: Vec<&str> = all.iter().map(|a| a.si_gun.as_str()).collect();
        places.dedup();
        assert_eq!(places.len(), 12);
    }
}
