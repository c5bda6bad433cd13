//! Pictures and documents that people hand in as evidence. A picture is drawn anew, so that nothing of
//! the file but the picture is kept: no place, no camera, nothing hidden behind it. A PDF is kept as
//! it came, if it is one that does nothing and a scanner lets it pass. Must not know: whose they are,
//! where they lie.

use crate::domain::papers::MediaType;
use crate::domain::problem::{Code, Reason};
use crate::outside::scanner::Scanner;
use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, ImageDecoder as _, ImageFormat, ImageReader, Limits};
use lopdf::{Dictionary, Document, LoadOptions, Object};
use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Pixels of a picture: a telephone's photograph has half of it. Drawn, it takes four times as many
/// bytes.
const PIXELS: u64 = 40_000_000;
const SIDE: u32 = 16_000;
const PICTURE_MEMORY: u64 = 256 * 1024 * 1024;
/// Of a hundred.
const QUALITY: u8 = 88;
const PAGES: usize = 30;
/// Bytes that any part of a PDF may unpack to.
const UNPACKED: usize = 32 * 1024 * 1024;

/// Names in a PDF by which it would run something, take something along or send something.
const ACTIVE: [&[u8]; 13] = [
    b"JS",
    b"JavaScript",
    b"Launch",
    b"EmbeddedFile",
    b"EmbeddedFiles",
    b"RichMedia",
    b"XFA",
    b"SubmitForm",
    b"ImportData",
    b"GoToE",
    b"Movie",
    b"Sound",
    b"Rendition",
];
/// Those that are long enough not to stand in a picture's bytes by chance: looked for in the file
/// itself too, for readers that mend what is broken.
const SPELLED: [&[u8]; 4] = [b"/JavaScript", b"/EmbeddedFile", b"/RichMedia", b"/Launch"];

/// A file that may be kept.
#[derive(Debug, PartialEq, Eq)]
pub struct Paper {
    pub media_type: MediaType,
    pub bytes: Vec<u8>,
}

/// What the file is by its content, and what of it is kept. O(bytes + pixels); at most
/// `PICTURE_MEMORY` and what `UNPACKED` allows beside the file.
///
/// # Errors
/// `PaperKindUnknown`, `PaperUnreadable`, `PaperTooLarge`, `PaperUnsafe`; `PdfNotTaken` without a
/// scanner, and `Busy` when it does not answer.
pub fn checked(bytes: Vec<u8>, scanner: Option<&Scanner>) -> Result<Paper, Reason> {
    let looked = move || match bytes.as_slice() {
        [0xff, 0xd8, 0xff, ..] => picture(&bytes, ImageFormat::Jpeg),
        [0x89, b'P', b'N', b'G', ..] => picture(&bytes, ImageFormat::Png),
        [b'%', b'P', b'D', b'F', b'-', ..] => document(bytes, scanner.ok_or(Code::PdfNotTaken)?),
        _ => Err(Code::PaperKindUnknown.into()),
    };
    // Libraries that read what strangers made may stumble over it.
    catch_unwind(AssertUnwindSafe(looked)).unwrap_or_else(|_| Err(Code::PaperUnreadable.into()))
}

fn unreadable<E>(_: E) -> Reason {
    Code::PaperUnreadable.into()
}

fn picture(bytes: &[u8], format: ImageFormat) -> Result<Paper, Reason> {
    let mut limits = Limits::default();
    limits.max_image_width = Some(SIDE);
    limits.max_image_height = Some(SIDE);
    limits.max_alloc = Some(PICTURE_MEMORY);
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    reader.limits(limits);
    let too_large = || Code::PaperTooLarge.with("max", format!("{} MP", PIXELS / 1_000_000));
    let mut decoder = reader.into_decoder().map_err(|error| match error {
        image::ImageError::Limits(_) => too_large(),
        other => unreadable(other),
    })?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > PIXELS {
        return Err(too_large());
    }
    let turned = decoder.orientation().map_err(unreadable)?;
    let mut drawn = DynamicImage::from_decoder(decoder).map_err(unreadable)?;
    drawn.apply_orientation(turned);
    let mut bytes = Vec::new();
    let media_type = if format == ImageFormat::Jpeg {
        let encoder = JpegEncoder::new_with_quality(&mut bytes, QUALITY);
        drawn.to_rgb8().write_with_encoder(encoder).map_err(unreadable)?;
        MediaType::Jpeg
    } else {
        drawn.write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png).map_err(unreadable)?;
        MediaType::Png
    };
    Ok(Paper { media_type, bytes })
}

fn passes(bytes: &[u8], scanner: &Scanner) -> Result<bool, Reason> {
    scanner.passes(bytes.to_vec()).map_err(|error| {
        tracing::error!(%error, "a file could not be judged");
        Code::Busy.into()
    })
}

fn document(bytes: Vec<u8>, scanner: &Scanner) -> Result<Paper, Reason> {
    let options = LoadOptions { max_decompressed_size: Some(UNPACKED), ..LoadOptions::default() };
    let document = Document::load_mem_with_options(&bytes, options).map_err(unreadable)?;
    if document.is_encrypted() || document.was_encrypted() || acts(&document) || spells(&bytes) {
        return Err(Code::PaperUnsafe.into());
    }
    match document.get_pages().len() {
        0 => Err(Code::PaperUnreadable.into()),
        1..=PAGES if !passes(&bytes, scanner)? => Err(Code::PaperUnsafe.into()),
        1..=PAGES => Ok(Paper { media_type: MediaType::Pdf, bytes }),
        _ => Err(Code::PaperTooLarge.with("max", format!("{PAGES} pages"))),
    }
}

fn spells(bytes: &[u8]) -> bool {
    SPELLED.iter().any(|name| bytes.windows(name.len()).any(|piece| piece == *name))
}

/// Whether some object of the document would do more than be looked at.
fn acts(document: &Document) -> bool {
    let mut waiting: Vec<&Object> = document.objects.values().collect();
    let trailer = Object::Dictionary(document.trailer.clone());
    waiting.push(&trailer);
    while let Some(object) = waiting.pop() {
        match object {
            Object::Name(name) if ACTIVE.contains(&name.as_slice()) => return true,
            Object::Array(items) => waiting.extend(items),
            Object::Dictionary(members) if has_active(members) => return true,
            Object::Stream(stream) if has_active(&stream.dict) => return true,
            Object::Dictionary(members) => waiting.extend(members.iter().map(|(_, value)| value)),
            Object::Stream(stream) => waiting.extend(stream.dict.iter().map(|(_, value)| value)),
            _ => {}
        }
    }
    false
}

fn has_active(members: &Dictionary) -> bool {
    members.iter().any(|(name, _)| ACTIVE.contains(&name.as_slice()))
}
