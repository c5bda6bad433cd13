//! Looks through every part of a workbook before it is read: in constant memory, and without
//! understanding more of it than where its tags are. Must not know: rows, columns.

use super::super::FileProblem;
use crate::domain::problem::Code;
use std::io::Read;

/// Bytes that are in memory at once.
const PIECE: usize = 64 * 1024;
/// Elements inside of one another; a workbook of any office has fewer than thirty.
const DEPTH_MAX: usize = 128;
/// Bytes of one tag, text or remark: the reader holds one of them as a whole. A cell has at most
/// 32,767 characters.
const RUN_MAX: usize = 1024 * 1024;
/// A part that is no XML; nothing of it is read, unless a bent workbook calls it a sheet.
const OTHER_MAX: u64 = 16 * 1024 * 1024;
/// Archives by their first bytes: ZIP, gzip, 7z, RAR, bzip2, xz, zstd.
const ARCHIVES: [&[u8]; 7] =
    [b"PK\x03\x04", b"\x1f\x8b", b"7z\xbc\xaf", b"Rar!", b"BZh", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd"];

#[derive(Debug, Clone, Copy)]
enum At {
    Text,
    /// After `<`.
    Open,
    Tag {
        closes: bool,
        quote: Option<u8>,
        last: u8,
    },
    /// After `<!`, with as many letters of `--` or `[CDATA[` as were seen.
    Mark {
        seen: usize,
        of: &'static [u8],
    },
    /// Inside of a remark, of unparsed text, or of an instruction: until this comes.
    Until {
        end: &'static [u8],
        seen: usize,
    },
}

/// Where in a part the eye is.
struct Scan {
    at: At,
    depth: usize,
    run: usize,
}

impl Scan {
    fn byte(&mut self, byte: u8) -> Result<(), Code> {
        self.run += 1;
        let next = match self.at {
            // Neither UTF-16 nor UTF-32 is looked through.
            _ if byte == 0 => return Err(Code::FileUnsafe),
            At::Text if byte == b'<' => At::Open,
            At::Text => At::Text,
            At::Open => match byte {
                b'/' => At::Tag { closes: true, quote: None, last: byte },
                b'?' => At::Until { end: b"?>", seen: 0 },
                b'!' => At::Mark { seen: 0, of: b"" },
                _ => At::Tag { closes: false, quote: None, last: byte },
            },
            At::Tag { closes, quote, last } => self.tag(byte, closes, quote, last)?,
            At::Mark { seen, of } => mark(byte, seen, of)?,
            At::Until { end, seen } => until(byte, end, seen),
        };
        if std::mem::discriminant(&next) != std::mem::discriminant(&self.at) {
            self.run = 0;
        }
        self.at = next;
        if self.run > RUN_MAX { Err(Code::FileUnsafe) } else { Ok(()) }
    }

    fn tag(&mut self, byte: u8, closes: bool, quote: Option<u8>, last: u8) -> Result<At, Code> {
        let quote = match (quote, byte) {
            (Some(open), _) if open == byte => None,
            (Some(open), _) => Some(open),
            (None, b'"' | b'\'') if !closes => Some(byte),
            (None, b'>') => {
                if closes {
                    self.depth = self.depth.saturating_sub(1);
                } else if last != b'/' {
                    self.depth += 1;
                }
                return if self.depth > DEPTH_MAX { Err(Code::FileUnsafe) } else { Ok(At::Text) };
            }
            (None, _) => None,
        };
        Ok(At::Tag { closes, quote, last: byte })
    }
}

/// A remark or unparsed text; anything else after `<!` defines a document type.
fn mark(byte: u8, seen: usize, of: &'static [u8]) -> Result<At, Code> {
    const REMARK: &[u8] = b"--";
    const UNPARSED: &[u8] = b"[CDATA[";
    let of = match (seen, byte) {
        (0, b'-') => REMARK,
        (0, b'[') => UNPARSED,
        _ => of,
    };
    if of.get(seen) != Some(&byte) {
        return Err(Code::FileUnsafe);
    }
    let seen = seen + 1;
    Ok(match seen == of.len() {
        true if of == REMARK => At::Until { end: b"-->", seen: 0 },
        true => At::Until { end: b"]]>", seen: 0 },
        false => At::Mark { seen, of },
    })
}

/// The ends begin with one sign once or twice, so only that many of it can be carried over.
fn until(byte: u8, end: &'static [u8], seen: usize) -> At {
    if end.get(seen) == Some(&byte) {
        return if seen + 1 == end.len() { At::Text } else { At::Until { end, seen: seen + 1 } };
    }
    let first = end.first() == Some(&byte);
    let seen = if first { seen.clamp(1, end.len() - 1) } else { 0 };
    At::Until { end, seen }
}

fn is_xml(head: &[u8]) -> bool {
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    head.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'<')
}

fn refused(code: Code) -> FileProblem {
    FileProblem::refused(code)
}

/// Looks through a part that promises so many bytes. Gives its beginning.
pub(super) fn look_through(part: &mut impl Read, promised: u64) -> Result<Vec<u8>, FileProblem> {
    let unreadable = |_| refused(Code::FileUnreadable);
    let mut head = Vec::new();
    part.take(PIECE as u64).read_to_end(&mut head).map_err(unreadable)?;
    if ARCHIVES.iter().any(|magic| head.starts_with(magic)) {
        return Err(refused(Code::FileUnsafe));
    }
    if !is_xml(&head) {
        let max = OTHER_MAX;
        let is_small = promised <= max;
        let too_large = || FileProblem::refused(Code::FileUnpacksTooLarge.with("max", max));
        return if is_small { Ok(head) } else { Err(too_large()) };
    }
    let mut scan = Scan { at: At::Text, depth: 0, run: 0 };
    let mut read = head.len() as u64;
    head.iter().try_for_each(|byte| scan.byte(*byte)).map_err(refused)?;
    let mut piece = vec![0; PIECE];
    loop {
        let count = part.read(&mut piece).map_err(unreadable)?;
        read += count as u64;
        if read > promised {
            return Err(refused(Code::FileUnreadable));
        }
        let bytes = piece.get(..count).unwrap_or_default();
        bytes.iter().try_for_each(|byte| scan.byte(*byte)).map_err(refused)?;
        if count == 0 {
            return Ok(head);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> Option<Code> {
        let looked = look_through(&mut text.as_bytes(), text.len() as u64);
        match looked {
            Ok(_) => None,
            Err(FileProblem::Refused(problems)) => problems.0.first().map(|w| w.reason.code),
            Err(FileProblem::Io(_)) => Some(Code::Internal),
        }
    }

    #[test]
    fn what_workbooks_hold_is_let_through() {
        for good in [
            "<?xml version=\"1.0\"?>\n<a b='>' c=\"'>\"><d/><!-- - -- > <!DOCTYPE --><e>x</e></a>",
            "\u{feff}<a><![CDATA[ ]] <!ENTITY ]]]></a>",
            "<a>--></a>",
            "<a/ ><!----></a>",
        ] {
            assert_eq!(code(good), None, "{good}");
        }
        let flat = format!("<a>{}</a>", "<b><c/></b>".repeat(1000));
        assert_eq!(code(&flat), None);
    }

    #[test]
    fn definitions_depth_and_endless_runs_are_not() {
        for bad in [
            "<!DOCTYPE a><a/>".to_owned(),
            "<?xml version=\"1.0\"?><!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>".to_owned(),
            "<a><!ELEMENT b></a>".to_owned(),
            "<!doctype a><a/>".to_owned(),
            "<!-x-><a/>".to_owned(),
            "<a>\0</a>".to_owned(),
            "<a>".repeat(DEPTH_MAX + 1),
            format!("<a>{}", "x".repeat(RUN_MAX + 2)),
            format!("<a b=\"{}", "x".repeat(RUN_MAX + 2)),
            format!("<!--{}", "x".repeat(RUN_MAX + 2)),
            format!("<![CDATA[{}", "x".repeat(RUN_MAX + 2)),
            format!("<?{}", "x".repeat(RUN_MAX + 2)),
        ] {
            assert_eq!(code(&bad), Some(Code::FileUnsafe), "{}", bad.get(..40).unwrap_or(&bad));
        }
        assert_eq!(code("PK\u{3}\u{4}"), Some(Code::FileUnsafe));
    }
}
