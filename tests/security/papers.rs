//! Pictures and documents from strangers: what they are, what is kept of them, and which are refused.

use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use lopdf::{Dictionary, Document, Object, Stream, dictionary};
use musiman::domain::papers::MediaType;
use musiman::domain::problem::{Code, Reason};
use musiman::outside::papers::{self, Paper};
use musiman::outside::scanner::Scanner;
use std::io::Cursor;

/// With a scanner that lets everything pass.
fn checked(bytes: Vec<u8>) -> Result<Paper, Reason> {
    papers::checked(bytes, Scanner::named("cat").as_ref())
}

fn drawn(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
    let picture = RgbImage::from_fn(width, height, |x, _| {
        if x < width / 2 { Rgb([250, 10, 10]) } else { Rgb([10, 10, 250]) }
    });
    let mut bytes = Vec::new();
    DynamicImage::from(picture).write_to(&mut Cursor::new(&mut bytes), format).unwrap();
    bytes
}

/// A JPEG with a camera's words in it: the camera's name, and that it was held on its side.
fn with_exif(jpeg: &[u8]) -> Vec<u8> {
    let mut tiff: Vec<u8> = b"II\x2a\0\x08\0\0\0\x02\0".to_vec();
    // Make (0x010f), ASCII, 14 bytes at offset 38; Orientation (0x0112), SHORT, 6: turn right.
    tiff.extend(b"\x0f\x01\x02\0\x0e\0\0\0\x26\0\0\0");
    tiff.extend(b"\x12\x01\x03\0\x01\0\0\0\x06\0\0\0");
    tiff.extend(b"\0\0\0\0");
    tiff.extend(b"GPS-6.2,107.1\0");
    let mut segment = b"\xff\xe1".to_vec();
    let length = u16::try_from(2 + 6 + tiff.len()).unwrap();
    segment.extend(length.to_be_bytes());
    segment.extend(b"Exif\0\0");
    segment.extend(tiff);
    [&jpeg[..2], &segment, &jpeg[2..]].concat()
}

fn has(bytes: &[u8], needle: &[u8]) -> bool {
    bytes.windows(needle.len()).any(|piece| piece == needle)
}

fn refused(bytes: Vec<u8>) -> Code {
    checked(bytes).unwrap_err().code
}

/// A PDF of so many pages with more in its catalogue.
fn pdf(pages: usize, more: &[(&str, Object)]) -> Document {
    let mut document = Document::with_version("1.5");
    let tree = document.new_object_id();
    let kids: Vec<Object> = (0..pages)
        .map(|_| {
            let content = document.add_object(Stream::new(Dictionary::new(), b"0 0 m".to_vec()));
            let page = dictionary! {
                "Type" => "Page", "Parent" => tree, "Contents" => content,
                "MediaBox" => vec![0.into(), 0.into(), 100.into(), 100.into()],
            };
            document.add_object(page).into()
        })
        .collect();
    let count = i64::try_from(pages).unwrap();
    let node = dictionary! { "Type" => "Pages", "Kids" => kids, "Count" => count };
    document.objects.insert(tree, Object::Dictionary(node));
    let mut catalogue = dictionary! { "Type" => "Catalog", "Pages" => tree };
    for (name, value) in more {
        catalogue.set(*name, value.clone());
    }
    let root = document.add_object(catalogue);
    document.trailer.set("Root", root);
    document
}

fn saved(mut document: Document) -> Vec<u8> {
    let mut bytes = Vec::new();
    document.save_to(&mut bytes).unwrap();
    bytes
}

#[test]
fn a_picture_is_drawn_anew_upright_and_without_what_the_camera_wrote() {
    let taken =
        [with_exif(&drawn(60, 20, ImageFormat::Jpeg)), b"<script>alert(1)</script>".to_vec()];
    let taken = taken.concat();
    assert!(has(&taken, b"GPS-6.2") && has(&taken, b"<script>"));
    let Paper { media_type, bytes } = checked(taken).unwrap();
    assert_eq!(media_type, MediaType::Jpeg);
    assert!(!has(&bytes, b"GPS-6.2") && !has(&bytes, b"Exif") && !has(&bytes, b"<script>"));
    let kept = image::load_from_memory(&bytes).unwrap().to_rgb8();
    assert_eq!(kept.dimensions(), (20, 60));
    // What was left before it was turned to the right is at the top.
    assert!(kept.get_pixel(10, 5)[0] > 200 && kept.get_pixel(10, 55)[2] > 200);
    let png = checked(drawn(8, 8, ImageFormat::Png)).unwrap();
    assert_eq!(png.media_type, MediaType::Png);
}

#[test]
fn the_content_says_what_a_file_is_and_what_is_no_paper_is_refused() {
    for other in
        [b"".to_vec(), b"GIF89a".to_vec(), b"<svg onload=alert(1)>".to_vec(), b"MZ\x90".to_vec()]
    {
        assert_eq!(refused(other), Code::PaperKindUnknown);
    }
    let jpeg = drawn(60, 20, ImageFormat::Jpeg);
    assert_eq!(refused(jpeg[..40].to_vec()), Code::PaperUnreadable);
    assert_eq!(refused(b"\xff\xd8\xff\xe0 nothing".to_vec()), Code::PaperUnreadable);
    assert_eq!(refused(b"%PDF-1.7\n%%EOF".to_vec()), Code::PaperUnreadable);
    let whole = saved(pdf(1, &[]));
    assert_eq!(refused(whole[..whole.len() / 2].to_vec()), Code::PaperUnreadable);
}

#[test]
fn a_picture_that_says_it_is_huge_is_refused_before_it_is_drawn() {
    let mut png = drawn(4, 4, ImageFormat::Png);
    // Width and height of the header chunk, with its checksum made to fit.
    png[16..20].copy_from_slice(&15_000u32.to_be_bytes());
    png[20..24].copy_from_slice(&15_000u32.to_be_bytes());
    let mut hash = flate2::Crc::new();
    hash.update(&png[12..29]);
    png[29..33].copy_from_slice(&hash.sum().to_be_bytes());
    assert_eq!(refused(png.clone()), Code::PaperTooLarge);
    png[16..20].copy_from_slice(&4_000_000_000u32.to_be_bytes());
    let mut hash = flate2::Crc::new();
    hash.update(&png[12..29]);
    png[29..33].copy_from_slice(&hash.sum().to_be_bytes());
    let code = refused(png);
    assert!([Code::PaperTooLarge, Code::PaperUnreadable].contains(&code), "{code:?}");
}

#[test]
fn a_pdf_of_plain_pages_is_kept_as_it_came() {
    let bytes = saved(pdf(3, &[]));
    let kept = checked(bytes.clone()).unwrap();
    assert_eq!(kept, Paper { media_type: MediaType::Pdf, bytes });
    let judged = |by: Option<&str>| {
        let scanner = by.and_then(Scanner::named);
        papers::checked(saved(pdf(1, &[])), scanner.as_ref()).unwrap_err().code
    };
    assert_eq!(judged(None), Code::PdfNotTaken);
    assert_eq!(judged(Some("grep -q nothing-of-the-kind")), Code::PaperUnsafe);
    assert_eq!(judged(Some("no-such-scanner")), Code::Busy);
    assert_eq!(refused(saved(pdf(31, &[]))), Code::PaperTooLarge);
    assert_eq!(refused(saved(pdf(0, &[]))), Code::PaperUnreadable);
}

#[test]
fn a_pdf_that_runs_sends_or_carries_something_is_refused() {
    let script =
        dictionary! { "S" => "JavaScript", "JS" => Object::string_literal("app.alert(1)") };
    let launch = dictionary! { "S" => "Launch", "F" => Object::string_literal("cmd.exe") };
    let nested = dictionary! { "Deep" => vec![Object::Array(vec![script.clone().into()])] };
    let files = dictionary! { "EmbeddedFiles" => Dictionary::new() };
    let form = dictionary! { "XFA" => Object::Array(vec![]) };
    for (name, value) in [
        ("OpenAction", script.clone()),
        ("OpenAction", launch),
        ("AA", nested),
        ("Names", files),
        ("AcroForm", form),
    ] {
        let bytes = saved(pdf(1, &[(name, value.into())]));
        assert_eq!(refused(bytes), Code::PaperUnsafe, "{name}");
    }
    // Hidden in a compressed stream of objects, and behind an escape in its name.
    let mut packed = pdf(1, &[("OpenAction", script.into())]);
    let mut bytes = Vec::new();
    packed.save_modern(&mut bytes).unwrap();
    assert!(!has(&bytes, b"JavaScript"));
    assert_eq!(refused(bytes), Code::PaperUnsafe);
    let spelled = saved(pdf(1, &[("OpenAction", dictionary! { "S" => "Xavascript" }.into())]));
    let escaped = String::from_utf8_lossy(&spelled).replace("Xavascript", "#4a#53");
    assert!(checked(escaped.into_bytes()).is_err());
}

#[test]
fn a_bomb_of_a_pdf_does_not_unpack() {
    use std::io::Write as _;
    let mut packer = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    for _ in 0..256 {
        packer.write_all(&vec![b' '; 1024 * 1024]).unwrap();
    }
    let packed = packer.finish().unwrap();
    let mut document = pdf(1, &[]);
    let mut stream = Stream::new(
        dictionary! { "Type" => "ObjStm", "N" => 1, "First" => 4, "Filter" => "FlateDecode" },
        packed,
    );
    stream.allows_compression = false;
    document.add_object(stream);
    let bytes = saved(document);
    assert!(bytes.len() < 1024 * 1024);
    let before = resident();
    drop(checked(bytes));
    assert!(resident() < before + 128, "it was unpacked");
}

#[test]
fn a_pdf_that_is_nested_without_end_does_not_bring_the_process_down() {
    for (open, close) in [("[", "]"), ("<</A ", ">>")] {
        let deep = format!("{}0{}", open.repeat(20_000), close.repeat(20_000));
        let spelled = saved(pdf(1, &[("Deep", Object::Name(b"Placeholder".to_vec()))]));
        let text = String::from_utf8_lossy(&spelled).replace("/Placeholder", &deep);
        assert!(text.len() > 40_000);
        let code = refused(text.into_bytes());
        assert!([Code::PaperUnreadable, Code::PaperUnsafe].contains(&code), "{code:?}");
    }
}

/// Megabytes of memory at the most so far.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1024
}
