//! The program: everything is in `cli`.

fn main() -> std::process::ExitCode {
    musiman::cli::run()
}
