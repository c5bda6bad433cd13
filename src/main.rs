//! The program: reads what is wanted and hands it to `cli`.

fn main() {
    print!("{}", musiman::api::document_text());
}
