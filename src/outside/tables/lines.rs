//! Lines of a text file, whatever ends them, in bounded memory; and UTF-16 as UTF-8.
//! Must not know: cells.

use encoding_rs::{CoderResult, Decoder};
use std::io::{self, BufRead, Read};

/// Twenty times the longest row of a register. What goes beyond is dropped, so that a file without
/// line ends cannot fill the memory.
const LINE_MAX: usize = 64 * 1024;

/// One line without its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) bytes: Vec<u8>,
    /// It was longer than `LINE_MAX`.
    pub(super) cut: bool,
}

/// Splits at LF, CR LF or CR.
pub(super) struct Lines<R> {
    input: R,
    after_cr: bool,
}

impl<R: BufRead> Lines<R> {
    pub(super) fn new(input: R) -> Self {
        Self { input, after_cr: false }
    }

    pub(super) fn next_line(&mut self) -> io::Result<Option<Line>> {
        let mut line = Line { bytes: Vec::new(), cut: false };
        let mut begun = false;
        loop {
            let ready = self.input.fill_buf()?;
            if ready.is_empty() {
                return Ok(begun.then_some(line));
            }
            if std::mem::take(&mut self.after_cr) && ready.starts_with(b"\n") {
                self.input.consume(1);
                continue;
            }
            begun = true;
            let end = ready.iter().position(|b| matches!(b, b'\n' | b'\r'));
            let (text, ending) = ready.split_at(end.unwrap_or(ready.len()));
            let room = LINE_MAX - line.bytes.len();
            line.bytes.extend_from_slice(text.get(..room).unwrap_or(text));
            line.cut |= text.len() > room;
            self.after_cr = ending.starts_with(b"\r");
            let used = text.len() + usize::from(end.is_some());
            self.input.consume(used);
            if end.is_some() {
                return Ok(Some(line));
            }
        }
    }
}

/// Decodes while it is read.
pub(super) struct Decoded<R> {
    input: R,
    decoder: Decoder,
    raw: Vec<u8>,
    text: Vec<u8>,
    given: usize,
    ended: bool,
}

impl<R: Read> Decoded<R> {
    const STEP: usize = 8 * 1024;

    pub(super) fn new(input: R, decoder: Decoder) -> Self {
        Self { input, decoder, raw: Vec::new(), text: Vec::new(), given: 0, ended: false }
    }

    fn refill(&mut self) -> io::Result<()> {
        self.raw.clear();
        let step = u64::try_from(Self::STEP).unwrap_or(u64::MAX);
        self.ended = self.input.by_ref().take(step).read_to_end(&mut self.raw)? == 0;
        let room = self.decoder.max_utf8_buffer_length(self.raw.len()).unwrap_or(4 * Self::STEP);
        self.text.resize(room, 0);
        let (result, _, written, _) =
            self.decoder.decode_to_utf8(&self.raw, &mut self.text, self.ended);
        self.text.truncate(written);
        self.given = 0;
        match result {
            CoderResult::InputEmpty => Ok(()),
            CoderResult::OutputFull => Err(io::Error::other("the decoder wanted more room")),
        }
    }
}

impl<R: Read> Read for Decoded<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.given == self.text.len() && !self.ended {
            self.refill()?;
        }
        let mut waiting = self.text.get(self.given..).unwrap_or_default();
        let count = waiting.read(out)?;
        self.given += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::BufReader;

    fn lines(text: &[u8]) -> Vec<Vec<u8>> {
        let mut lines = Lines::new(BufReader::with_capacity(2, text));
        let mut all = Vec::new();
        while let Some(line) = lines.next_line().unwrap() {
            all.push(line.bytes);
        }
        all
    }

    #[test]
    fn every_line_end_is_one() {
        let expected = [&b"a"[..], b"", b"bc", b"d"];
        assert_eq!(lines(b"a\r\n\r\nbc\r\nd\r\n"), expected);
        assert_eq!(lines(b"a\n\nbc\nd"), expected);
        assert_eq!(lines(b"a\r\rbc\rd\r"), expected);
        assert!(lines(b"").is_empty());
    }

    #[test]
    fn a_line_without_end_is_cut() {
        let endless = vec![b'a'; 3 * LINE_MAX];
        let line = Lines::new(&endless[..]).next_line().unwrap().unwrap();
        assert_eq!((line.bytes.len(), line.cut), (LINE_MAX, true));
        let full = vec![b'a'; LINE_MAX];
        assert!(!Lines::new(&full[..]).next_line().unwrap().unwrap().cut);
    }

    #[test]
    fn utf_16_is_decoded_across_its_steps() {
        let text = "Andr\u{e9} \u{1f600} ".repeat(3000);
        let units: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let mut decoded = String::new();
        Decoded::new(&units[..], encoding_rs::UTF_16LE.new_decoder())
            .read_to_string(&mut decoded)
            .unwrap();
        assert_eq!(decoded, text);
    }
}
