//! The check of a certificate: caps, eligibility, lists, figures, no justified envy.
//!
//! It shares no code with `solve`, `reserves` or `outcome`: keys, reserves and counts are written
//! out again here, so that one mistake cannot stand on both sides. It knows the instance as data.

use std::collections::BTreeMap;
use std::fmt;

use super::certificate::{Certificate, digest};
use super::ids::{NodeId, NodeIx, SeekerId};
use super::instance::{Entry, Instance, Seeker, Verdict};
use super::order::{Band, Key, Standing};

/// The first thing that is wrong with a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Violation {
    /// It belongs to another instance.
    DigestDiffers,
    /// A seeker of the instance is not in it.
    SeekerMissing(SeekerId),
    /// Somebody in it is not in the instance.
    SeekerUnknown(SeekerId),
    /// A seat that the seeker did not list: not individually rational.
    NotListed(SeekerId, NodeId),
    /// A seat for which the seeker is not eligible.
    NotEligible(SeekerId, NodeId),
    /// More seats than the cap.
    OverCap(NodeId),
    /// The number of placed people is wrong.
    PlacedDiffers,
    /// The figures of a node are wrong, or it is missing.
    FiguresDiffer(NodeId),
    /// A node that is not in the instance.
    NodeUnknown(NodeId),
    /// A listed, better quota has a seat left all the way up.
    EmptySeat(SeekerId, NodeId),
    /// A listed, better quota is full, and somebody with a worse key holds a seat under that node.
    JustifiedEnvy {
        /// Who has the claim.
        seeker: SeekerId,
        /// At which quota.
        quota: NodeId,
        /// Who holds a seat with a worse key.
        against: SeekerId,
    },
}

impl Violation {
    /// The stable word of the violation.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::DigestDiffers => "digest_differs",
            Self::SeekerMissing(_) => "seeker_missing",
            Self::SeekerUnknown(_) => "seeker_unknown",
            Self::NotListed(..) => "not_listed",
            Self::NotEligible(..) => "not_eligible",
            Self::OverCap(_) => "over_cap",
            Self::PlacedDiffers => "placed_differs",
            Self::FiguresDiffer(_) => "figures_differ",
            Self::NodeUnknown(_) => "node_unknown",
            Self::EmptySeat(..) => "empty_seat",
            Self::JustifiedEnvy { .. } => "justified_envy",
        }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.as_str())?;
        match self {
            Self::DigestDiffers | Self::PlacedDiffers => Ok(()),
            Self::SeekerMissing(seeker) | Self::SeekerUnknown(seeker) => write!(f, ": {seeker}"),
            Self::OverCap(node) | Self::FiguresDiffer(node) | Self::NodeUnknown(node) => {
                write!(f, ": {node}")
            }
            Self::NotListed(seeker, quota)
            | Self::NotEligible(seeker, quota)
            | Self::EmptySeat(seeker, quota) => write!(f, ": {seeker} at {quota}"),
            Self::JustifiedEnvy { seeker, quota, against } => {
                write!(f, ": {seeker} at {quota} against {against}")
            }
        }
    }
}

impl std::error::Error for Violation {}

/// Checks a certificate against its instance and names the first violation, in the order of
/// [`Violation`]. A certificate that passes is a stable outcome with true figures.
/// O(list entries * depth + nodes), and a sort of the holders of reserved quotas.
pub fn verify(instance: &Instance, certificate: &Certificate) -> Result<(), Violation> {
    if certificate.digest != digest(instance) {
        return Err(Violation::DigestDiffers);
    }
    let seats = rightful_seats(instance, certificate)?;
    let tally = Tally::of(instance, &seats);
    tally.keeps_caps(instance)?;
    tally.has_true_figures(instance, certificate)?;
    seats.iter().try_for_each(|seat| tally.nobody_is_wronged(instance, seat))
}

/// The order of matching.md section 2 as it is written there.
type Order<'a> = (u8, u8, u8, u32, u64, &'a str);

const RESERVED: u8 = 0;
const OPEN: u8 = 1;

fn order(key: Key, band: u8, seeker: &Seeker) -> Order<'_> {
    let late = u8::from(key.class >= 2);
    (late, band, key.class, u32::MAX.abs_diff(key.points), key.lottery, seeker.id.as_str())
}

/// A seeker with what the certificate gives.
struct Seat<'a> {
    seeker: &'a Seeker,
    /// The place on the list and the line, if there is a seat.
    held: Option<(usize, &'a Entry, Key)>,
}

fn rightful_seats<'a>(
    instance: &'a Instance,
    certificate: &Certificate,
) -> Result<Vec<Seat<'a>>, Violation> {
    let mut seats = Vec::with_capacity(instance.seekers.len());
    for seeker in &instance.seekers {
        let Some(quota) = certificate.seats.get(&seeker.id) else {
            return Err(Violation::SeekerMissing(seeker.id.clone()));
        };
        let held = quota.as_ref().map(|quota| rightful(seeker, quota)).transpose()?;
        seats.push(Seat { seeker, held });
    }
    let unknown = certificate.seats.keys().find(|id| instance.find_seeker(id.as_str()).is_none());
    unknown.map_or(Ok(seats), |id| Err(Violation::SeekerUnknown(id.clone())))
}

fn rightful<'a>(seeker: &'a Seeker, quota: &NodeId) -> Result<(usize, &'a Entry, Key), Violation> {
    let listed = seeker.list.iter().enumerate().find(|(_, entry)| entry.quota == *quota);
    match listed {
        None => Err(Violation::NotListed(seeker.id.clone(), quota.clone())),
        Some((place, entry)) => match &entry.verdict {
            Verdict::Eligible(key) => Ok((place, entry, *key)),
            Verdict::Ineligible(_) => Err(Violation::NotEligible(seeker.id.clone(), quota.clone())),
        },
    }
}

/// The seats held under a node or on a reserve.
#[derive(Clone, Copy, Default)]
struct Held<'a> {
    count: u64,
    worst: Option<Order<'a>>,
}

impl<'a> Held<'a> {
    fn add(&mut self, key: Order<'a>) {
        self.count = self.count.saturating_add(1);
        self.worst = self.worst.max(Some(key));
    }
}

struct Tally<'a> {
    nodes: Vec<Held<'a>>,
    /// Per reserve of the instance.
    reserves: Vec<Held<'a>>,
}

impl<'a> Tally<'a> {
    fn of(instance: &Instance, seats: &[Seat<'a>]) -> Self {
        let mut tally = Self {
            nodes: vec![Held::default(); instance.nodes.len()],
            reserves: vec![Held::default(); instance.reserves.len()],
        };
        let mut claims: BTreeMap<usize, Vec<(Order<'a>, Order<'a>, NodeIx)>> = BTreeMap::new();
        for seat in seats {
            let Some((_, entry, key)) = seat.held else {
                continue;
            };
            let open = order(key, OPEN, seat.seeker);
            match reserve_of(instance, seat.seeker, entry.at) {
                None => tally.add(instance, entry.at, open),
                Some(at) => {
                    let reserved = order(key, RESERVED, seat.seeker);
                    claims.entry(at).or_default().push((reserved, open, entry.at));
                }
            }
        }
        for (at, mut holders) in claims {
            holders.sort_unstable();
            let guaranteed = instance.reserves.get(at).map_or(0, |reserve| reserve.seats);
            for (reserved, open, quota) in holders {
                match tally.reserves.get_mut(at).filter(|held| held.count < guaranteed.into()) {
                    Some(held) => {
                        held.add(reserved);
                        tally.add(instance, quota, reserved);
                    }
                    None => tally.add(instance, quota, open),
                }
            }
        }
        tally
    }

    fn add(&mut self, instance: &Instance, quota: NodeIx, key: Order<'a>) {
        for ix in instance.path(quota) {
            self.nodes.get_mut(ix.0).into_iter().for_each(|held| held.add(key));
        }
    }

    fn keeps_caps(&self, instance: &Instance) -> Result<(), Violation> {
        let mut nodes = instance.nodes.iter().zip(&self.nodes);
        let over = nodes.find(|(node, held)| held.count > node.cap.into());
        over.map_or(Ok(()), |(node, _)| Err(Violation::OverCap(node.id.clone())))
    }

    fn has_true_figures(
        &self,
        instance: &Instance,
        certificate: &Certificate,
    ) -> Result<(), Violation> {
        if certificate.placed != certificate.seats.values().flatten().count() {
            return Err(Violation::PlacedDiffers);
        }
        for (node, held) in instance.nodes.iter().zip(&self.nodes) {
            let full = held.count == u64::from(node.cap);
            let cutoff = held.worst.filter(|_| full).map(standing);
            let stated = certificate.nodes.get(&node.id);
            let is_true = stated.is_some_and(|stated| {
                u64::from(stated.filled) == held.count && stated.cutoff == cutoff
            });
            if !is_true {
                return Err(Violation::FiguresDiffer(node.id.clone()));
            }
        }
        let unknown = certificate.nodes.keys().find(|id| instance.find_node(id.as_str()).is_none());
        unknown.map_or(Ok(()), |id| Err(Violation::NodeUnknown(id.clone())))
    }

    /// Every contract that the seeker would rather have must be refused with reason.
    fn nobody_is_wronged(&self, instance: &Instance, seat: &Seat<'_>) -> Result<(), Violation> {
        let place = seat.held.map_or(seat.seeker.list.len(), |(place, _, _)| place);
        for entry in seat.seeker.list.iter().take(place) {
            let Verdict::Eligible(key) = &entry.verdict else {
                continue;
            };
            if let Some(at) = reserve_of(instance, seat.seeker, entry.at) {
                self.is_refused(instance, seat.seeker, entry, *key, Some(at))?;
            }
            self.is_refused(instance, seat.seeker, entry, *key, None)?;
        }
        Ok(())
    }

    /// The lowest full node on the path must hold better keys only.
    fn is_refused(
        &self,
        instance: &Instance,
        seeker: &Seeker,
        entry: &Entry,
        key: Key,
        reserve: Option<usize>,
    ) -> Result<(), Violation> {
        let band = if reserve.is_some() { RESERVED } else { OPEN };
        let own = order(key, band, seeker);
        let leaf =
            reserve.and_then(|at| Some((instance.reserves.get(at)?.seats, self.reserves.get(at)?)));
        let above = instance
            .path(entry.at)
            .filter_map(|ix| Some((instance.node_at(ix)?.cap, self.nodes.get(ix.0)?)));
        let full = leaf.into_iter().chain(above).find(|(cap, held)| held.count >= (*cap).into());
        let (seeker, quota) = (seeker.id.clone(), entry.quota.clone());
        match full {
            None => Err(Violation::EmptySeat(seeker, quota)),
            Some((_, Held { worst: Some(worst), .. })) if own < *worst => {
                let against = SeekerId::from(worst.5);
                Err(Violation::JustifiedEnvy { seeker, quota, against })
            }
            Some(_) => Ok(()),
        }
    }
}

fn reserve_of(instance: &Instance, seeker: &Seeker, quota: NodeIx) -> Option<usize> {
    let kind = seeker.kind.as_deref()?;
    let first = instance.reserves.partition_point(|reserve| reserve.at < quota);
    let mut here = instance.reserves.iter().enumerate().skip(first);
    let own = here.by_ref().take_while(|(_, reserve)| reserve.at == quota);
    own.into_iter().find(|(_, reserve)| *reserve.kind == *kind).map(|(at, _)| at)
}

fn standing((late, band, class, points, lottery, _): Order<'_>) -> Standing {
    Standing {
        late: late == 1,
        band: if band == RESERVED { Band::Reserve } else { Band::Ordinary },
        class,
        points: u32::MAX.abs_diff(points),
        lottery,
    }
}
