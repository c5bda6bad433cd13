//! How far long work is: a bar on a terminal, plain lines elsewhere, both on standard error.
//! Must not know: what the work is.

use indicatif::{ProgressBar, ProgressStyle};
use std::io::{self, IsTerminal as _};

/// Lines are written when another half is done; without a total, another ten thousand.
const STEP: u64 = 10_000;

pub struct Progress {
    what: &'static str,
    bar: Option<ProgressBar>,
    total: Option<u64>,
    told: u64,
}

impl Progress {
    pub fn new(what: &'static str, total: Option<u64>) -> Self {
        let bar = io::stderr().is_terminal().then(|| {
            let (bar, template) = match total {
                Some(total) => {
                    (ProgressBar::new(total), "{prefix} {wide_bar} {human_pos}/{human_len}")
                }
                None => (ProgressBar::new_spinner(), "{spinner} {prefix} {human_pos}, {per_sec}"),
            };
            let style = ProgressStyle::with_template(template);
            bar.with_prefix(what).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
        });
        Self { what, bar, total, told: 0 }
    }

    /// So many are done.
    pub fn at(&mut self, done: u64) {
        if let Some(bar) = &self.bar {
            bar.set_position(done);
            return;
        }
        let step = self.total.map_or(STEP, |total| total.div_ceil(2).max(1));
        if done / step > self.told / step || Some(done) == self.total {
            match self.total {
                Some(total) => eprintln!("{}: {done} of {total}", self.what),
                None => eprintln!("{}: {done}", self.what),
            }
            self.told = done;
        }
    }

    /// Clears the bar, so that what is printed next stands alone.
    pub fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.end();
    }
}
