//! Kecamatan of Kabupaten Bekasi and Korean basic local governments, by code.
//! Read from `rules/*.csv`, so that a renumbering is a change of data.

use super::problem::Code;
use std::sync::LazyLock;

/// Kemendagri code of Kabupaten Bekasi.
pub const REGENCY: &str = "3216";

/// A district of Kabupaten Bekasi; the index into the list of `rules/kecamatan.csv`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Kecamatan(usize);

/// A Korean si/gun/gu of basic level, by its MOIS code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SiGun(usize);

struct KecamatanRow {
    code: String,
    name: String,
    folded: String,
}

struct SiGunRow {
    code: String,
    former: String,
    name: String,
    level: String,
    province: String,
}

fn lines(text: &str) -> impl Iterator<Item = Vec<String>> {
    text.lines()
        .skip(1)
        .filter(|l| !l.trim().is_empty())
        .map(|l| l.split(',').map(|c| c.trim().to_owned()).collect())
}

static KECAMATAN: LazyLock<Vec<KecamatanRow>> = LazyLock::new(|| {
    lines(include_str!("../../rules/kecamatan.csv"))
        .filter_map(|cells| match <[String; 2]>::try_from(cells) {
            Ok([code, name]) => Some(KecamatanRow { folded: fold(&name), code, name }),
            Err(_) => None,
        })
        .collect()
});

static SI_GUN: LazyLock<Vec<SiGunRow>> = LazyLock::new(|| {
    lines(include_str!("../../rules/si_gun.csv"))
        .filter_map(|cells| match <[String; 5]>::try_from(cells) {
            Ok([code, former, name, level, province]) => {
                Some(SiGunRow { code, former, name, level, province })
            }
            Err(_) => None,
        })
        .collect()
});

/// Letters and digits only, lower case: "CIKARANG  utara" and "Cikarang Utara" fold alike.
fn fold(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

impl Kecamatan {
    pub fn all() -> impl Iterator<Item = Self> {
        (0..KECAMATAN.len()).map(Self)
    }

    /// By six-digit code.
    pub fn by_code(code: &str) -> Result<Self, Code> {
        KECAMATAN.iter().position(|k| k.code == code).map(Self).ok_or(Code::KecamatanUnknown)
    }

    /// By name as registers write it: `Kec. Setu`, upper case, double spaces.
    pub fn by_name(text: &str) -> Result<Self, Code> {
        let folded = fold(text);
        let bare = folded
            .strip_prefix("kecamatan")
            .or_else(|| folded.strip_prefix("kec"))
            .unwrap_or(&folded);
        KECAMATAN.iter().position(|k| k.folded == bare).map(Self).ok_or(Code::KecamatanUnknown)
    }

    pub fn code(self) -> &'static str {
        KECAMATAN.get(self.0).map_or("", |k| &k.code)
    }

    pub fn name(self) -> &'static str {
        KECAMATAN.get(self.0).map_or("", |k| &k.name)
    }
}

impl SiGun {
    pub fn all() -> impl Iterator<Item = Self> {
        (0..SI_GUN.len()).map(Self)
    }

    /// By its present code; a former code (before a province changed its number) is accepted too.
    pub fn by_code(code: &str) -> Result<Self, Code> {
        SI_GUN
            .iter()
            .position(|s| s.code == code || (!s.former.is_empty() && s.former == code))
            .map(Self)
            .ok_or(Code::SiGunUnknown)
    }

    pub fn code(self) -> &'static str {
        SI_GUN.get(self.0).map_or("", |s| &s.code)
    }

    pub fn name(self) -> &'static str {
        SI_GUN.get(self.0).map_or("", |s| &s.name)
    }

    /// `si` or `gun`.
    pub fn level(self) -> &'static str {
        SI_GUN.get(self.0).map_or("", |s| &s.level)
    }

    pub fn province(self) -> &'static str {
        SI_GUN.get(self.0).map_or("", |s| &s.province)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kecamatan_are_found_however_registers_spell_them() {
        for text in ["Setu", "Kec. Setu", "KECAMATAN  SETU", " kec setu "] {
            assert_eq!(Kecamatan::by_name(text).unwrap().code(), "321618", "{text}");
        }
        assert_eq!(Kecamatan::by_name("Bekasi Timur"), Err(Code::KecamatanUnknown));
        assert_eq!(Kecamatan::all().count(), 23);
    }

    #[test]
    fn a_former_si_gun_code_leads_to_the_present_one() {
        assert_eq!(SiGun::by_code("42720").unwrap().code(), "51720");
        assert_eq!(SiGun::by_code("42720").unwrap().name(), "Hongcheon");
    }
}
