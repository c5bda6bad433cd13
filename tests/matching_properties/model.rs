//! The definition of section 3 of the specification (greedy choice, blocking contracts,
//! enumeration of all outcomes), and random instances from fixed seeds. It shares nothing with the
//! engine.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use musiman::matching::{
    Builder, Certificate, Code, Instance, Key, NodeId, Outcome, SeekerId, certificate, solve,
};

/// Xorshift; the tests need variety, not quality.
pub(super) struct Dice(u64);

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    pub(super) fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from((self.0 >> 11) % u64::try_from(bound).unwrap()).unwrap()
    }

    pub(super) fn small(&mut self, bound: u32) -> u32 {
        u32::try_from(self.below(usize::try_from(bound).unwrap())).unwrap()
    }

    pub(super) fn one_in(&mut self, chances: usize) -> bool {
        self.below(chances) == 0
    }

    pub(super) fn shuffle<T>(&mut self, items: &mut [T]) {
        for at in (1..items.len()).rev() {
            items.swap(at, self.below(at + 1));
        }
    }
}

#[derive(Clone)]
pub(super) struct Person {
    pub(super) id: String,
    pub(super) kind: Option<&'static str>,
    pub(super) list: Vec<String>,
    /// At every quota.
    pub(super) keys: BTreeMap<String, Key>,
    pub(super) barred: BTreeSet<String>,
}

/// An instance as a test sees it.
#[derive(Clone)]
pub(super) struct Case {
    pub(super) nodes: BTreeMap<String, (u32, Option<String>)>,
    pub(super) quotas: Vec<String>,
    pub(super) people: Vec<Person>,
    pub(super) reserves: Vec<(String, &'static str, u32)>,
}

#[derive(Clone, Copy)]
pub(super) struct Shape {
    pub(super) people: usize,
    pub(super) quotas: usize,
    pub(super) list: usize,
    pub(super) one_key: bool,
    pub(super) reserves: bool,
    pub(super) late: bool,
}

pub(super) const TINY: Shape =
    Shape { people: 4, quotas: 3, list: 3, one_key: false, reserves: true, late: true };
pub(super) const MEDIUM: Shape =
    Shape { people: 60, quotas: 9, list: 6, one_key: false, reserves: true, late: true };

impl Case {
    pub(super) fn random(dice: &mut Dice, shape: Shape) -> Self {
        let mut nodes = BTreeMap::new();
        let per_quota = u32::try_from(shape.people / shape.quotas + 1).unwrap();
        let quotas: Vec<String> = (0..shape.quotas).map(|i| format!("q{i}")).collect();
        let employers = shape.quotas.div_ceil(2);
        let wide = per_quota * u32::try_from(shape.quotas).unwrap();
        nodes.insert("S".to_owned(), (1 + dice.small(wide), None));
        nodes.insert("M".to_owned(), (1 + dice.small(wide), Some("S".to_owned())));
        for i in 0..employers {
            let parent = (!dice.one_in(6)).then(|| ["M", "S"][dice.below(2)].to_owned());
            nodes.insert(format!("E{i}"), (dice.small(2 * per_quota + 1), parent));
        }
        for quota in &quotas {
            let parent = format!("E{}", dice.below(employers));
            nodes.insert(quota.clone(), (dice.small(per_quota + 2), Some(parent)));
        }
        // An employer without a quota would be a quota itself; it may stand there, unlisted.
        let people = random_people(dice, shape, &quotas);
        let mut case = Self { nodes, quotas, people, reserves: Vec::new() };
        if shape.reserves {
            case.try_reserves(dice);
        }
        case
    }

    /// Adds reserves as far as the caps allow.
    fn try_reserves(&mut self, dice: &mut Dice) {
        for quota in self.quotas.clone() {
            for kind in ["w", "v"] {
                let before = self.reserves.clone();
                self.reserves.push((quota.clone(), kind, 1 + dice.small(2)));
                if !dice.one_in(3) || self.try_build().is_err() {
                    self.reserves = before;
                }
            }
        }
    }

    pub(super) fn try_build(&self) -> Result<Instance, Code> {
        let mut builder = Builder::new();
        for (id, (cap, parent)) in &self.nodes {
            builder.node(id, *cap, parent.as_deref());
        }
        for person in &self.people {
            builder.seeker(&person.id, &person.list, person.kind);
            for (quota, key) in &person.keys {
                builder.key(&person.id, quota, *key);
            }
            for quota in &person.barred {
                builder.ineligible(&person.id, quota, ["age"]);
            }
        }
        for (quota, kind, seats) in &self.reserves {
            builder.reserve(quota, *kind, *seats);
        }
        builder.build().map_err(|invalid| invalid.code)
    }

    pub(super) fn build(&self) -> Instance {
        self.try_build().unwrap()
    }
}

fn random_people(dice: &mut Dice, shape: Shape, quotas: &[String]) -> Vec<Person> {
    let mut lottery: Vec<u64> = (0..u64::try_from(shape.people).unwrap()).collect();
    dice.shuffle(&mut lottery);
    let person = |(at, lottery): (usize, u64)| {
        let mut list = quotas.to_vec();
        dice.shuffle(&mut list);
        list.truncate(1 + dice.below(shape.list));
        let class = if shape.late && dice.one_in(6) { 3 } else { 1 };
        let common = Key { class, points: dice.small(5), lottery };
        let key = |dice: &mut Dice| {
            let preferred = if class == 1 && dice.one_in(8) { 0 } else { class };
            Key { class: preferred, points: dice.small(5), lottery }
        };
        let keys = quotas
            .iter()
            .map(|quota| (quota.clone(), if shape.one_key { common } else { key(dice) }))
            .collect();
        let barred = quotas.iter().filter(|_| dice.one_in(12)).cloned().collect();
        let kind = [None, Some("w"), Some("v")][dice.below(3)];
        Person { id: format!("s{at:03}"), kind, list, keys, barred }
    };
    lottery.into_iter().enumerate().map(person).collect()
}

/// A contract of the model: all nodes it counts at, explicit leaves first, and its full key.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Offer {
    pub(super) order: (bool, u8, u8, Reverse<u32>, u64, String),
    pub(super) quota: String,
    pub(super) path: Vec<String>,
}

/// The definition: caps of all nodes and leaves, and everybody's contracts, best first.
pub(super) struct Model {
    pub(super) caps: BTreeMap<String, usize>,
    pub(super) offers: Vec<Vec<Offer>>,
}

impl Model {
    pub(super) fn new(case: &Case) -> Self {
        let mut caps: BTreeMap<String, usize> = BTreeMap::new();
        for (id, (cap, _)) in &case.nodes {
            caps.insert(id.clone(), usize::try_from(*cap).unwrap());
            caps.insert(format!("{id}#open"), usize::try_from(*cap).unwrap());
        }
        for (quota, kind, seats) in &case.reserves {
            caps.insert(format!("{quota}#{kind}"), usize::try_from(*seats).unwrap());
        }
        let offers = case.people.iter().map(|person| Self::offers(case, person)).collect();
        Self { caps, offers }
    }

    fn offers(case: &Case, person: &Person) -> Vec<Offer> {
        let mut offers = Vec::new();
        for quota in person.list.iter().filter(|quota| !person.barred.contains(*quota)) {
            let key = person.keys[quota];
            let reserve =
                case.reserves.iter().any(|(q, k, _)| q == quota && Some(*k) == person.kind);
            let mut leaves = vec![(1, format!("{quota}#open"))];
            if reserve {
                leaves.insert(0, (0, format!("{quota}#{}", person.kind.unwrap())));
            }
            for (band, leaf) in leaves {
                let late = key.class >= 2;
                let points = Reverse(key.points);
                let order = (late, band, key.class, points, key.lottery, person.id.clone());
                let mut path = vec![leaf, quota.clone()];
                while let Some(parent) = &case.nodes[path.last().unwrap()].1 {
                    path.push(parent.clone());
                }
                offers.push(Offer { order, quota: quota.clone(), path });
            }
        }
        offers
    }

    /// Best first, keep what still fits.
    fn choice(&self, offers: &[&Offer]) -> Vec<Offer> {
        let mut sorted = offers.to_vec();
        sorted.sort();
        let mut filled: BTreeMap<&str, usize> = BTreeMap::new();
        let mut chosen = Vec::new();
        for offer in sorted {
            let fits = |node: &String| filled.get(node.as_str()).unwrap_or(&0) < &self.caps[node];
            if offer.path.iter().all(fits) {
                offer.path.iter().for_each(|node| *filled.entry(node).or_default() += 1);
                chosen.push(offer.clone());
            }
        }
        chosen
    }

    pub(super) fn is_stable(&self, places: &[Option<usize>]) -> bool {
        let held: Vec<&Offer> =
            places.iter().zip(&self.offers).filter_map(|(p, o)| p.map(|p| &o[p])).collect();
        if self.choice(&held).len() < held.len() {
            return false;
        }
        places.iter().zip(&self.offers).all(|(place, offers)| {
            offers.iter().take(place.unwrap_or(offers.len())).all(|better| {
                let mut with = held.clone();
                with.push(better);
                !self.choice(&with).contains(better)
            })
        })
    }

    /// Every stable outcome, as places on the lists of contracts.
    pub(super) fn all_stable(&self) -> Vec<Vec<Option<usize>>> {
        let mut outcomes = vec![Vec::new()];
        for offers in &self.offers {
            let places = (0..offers.len()).map(Some).chain([None]);
            outcomes = places
                .flat_map(|place| {
                    outcomes.iter().map(move |start: &Vec<Option<usize>>| {
                        let mut longer = start.clone();
                        longer.push(place);
                        longer
                    })
                })
                .collect();
        }
        outcomes.retain(|places| self.is_stable(places));
        outcomes
    }
}

pub(super) fn seat<'a>(outcome: &'a Outcome, id: &str) -> Option<&'a str> {
    outcome.find_seat(id).map(NodeId::as_str)
}

pub(super) fn by_name<'a>(pair: (&'a SeekerId, &'a Option<NodeId>)) -> (&'a str, Option<&'a str>) {
    (pair.0.as_str(), pair.1.as_ref().map(NodeId::as_str))
}

/// Two quotas under one employer: `a` and `b` sit, `c` is refused everywhere, `d` may not.
pub(super) fn audited() -> (Instance, Certificate) {
    let key = |points| Key { class: 1, points, lottery: u64::from(points) };
    let mut builder = Builder::new();
    builder.node("E", 2, None).node("p", 1, Some("E")).node("q", 2, Some("E"));
    for (id, points) in [("a", 9), ("b", 8), ("c", 7)] {
        builder.seeker(id, ["p", "q"], None);
        builder.key(id, "p", key(points)).key(id, "q", key(points));
    }
    builder.seeker("d", ["q"], None).ineligible("d", "q", ["age"]);
    let instance = builder.build().unwrap();
    let certificate = certificate(&instance, &solve(&instance));
    (instance, certificate)
}
