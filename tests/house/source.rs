//! Reads a Rust file as far as the house rules need it: code without comments, literals and test
//! modules, the literals, and every path with its `use` groups spread out. No full parser: it
//! relies on rustfmt's layout.

/// One file, read.
pub struct Source {
    /// From the root of the repository, with `/`.
    pub path: String,
    pub text: String,
    /// The text line by line, without comments, contents of literals and `#[cfg(test)]` modules.
    pub code: String,
    /// String literals outside of test modules, with their lines.
    pub literals: Vec<(usize, String)>,
    /// `crate::db::Conn`, with `self` and `super` resolved; a macro call ends in `!`.
    pub paths: Vec<(usize, String)>,
}

impl Source {
    pub fn new(path: &str, text: &str) -> Self {
        let (code, mut literals) = bare(text);
        let (code, tests) = without_tests(&code);
        literals.retain(|(line, _)| !tests.contains(line));
        let mut source = Self {
            path: path.to_owned(),
            text: text.to_owned(),
            code,
            literals,
            paths: Vec::new(),
        };
        source.paths = paths(&tokens(&source.code), &source.module());
        source
    }

    /// `src/db/doors.rs` and `src/db.rs` both lie in the room `db`.
    pub fn room(&self) -> &str {
        let inside = self.path.strip_prefix("src/").unwrap_or(&self.path);
        inside.split('/').next().unwrap_or_default().trim_end_matches(".rs")
    }

    fn module(&self) -> Vec<String> {
        let inside = self.path.strip_prefix("src/").unwrap_or(&self.path).trim_end_matches(".rs");
        inside
            .split('/')
            .filter(|part| !["mod", "lib", "main"].contains(part))
            .map(str::to_owned)
            .collect()
    }

    /// Calls of the form `verb(some::path`, as verb and path.
    pub fn calls(&self) -> Vec<(String, String)> {
        let tokens = tokens(&self.code);
        let mut calls = Vec::new();
        for (at, window) in tokens.windows(2).enumerate() {
            if let [(_, verb), (_, open)] = window
                && open == "("
            {
                let rest = tokens.iter().skip(at + 2).map(|(_, token)| token.as_str());
                let target: String = rest.take_while(|t| *t == "::" || is_name(t)).collect();
                calls.push((verb.clone(), target));
            }
        }
        calls
    }
}

fn is_name(token: &str) -> bool {
    token.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

/// Blanks comments and the contents of literals, and hands the string literals out.
fn bare(text: &str) -> (String, Vec<(usize, String)>) {
    let (mut code, mut literals) = (String::new(), Vec::new());
    let (mut rest, mut line) = (text, 1);
    while let Some(next) = rest.chars().next() {
        let in_name = code.ends_with(|c: char| c.is_alphanumeric() || c == '_');
        let fence = if in_name { None } else { raw_fence(rest) };
        let length = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else if let Some((opening, closing)) = fence {
            let inside = &rest[opening..];
            let end = inside.find(&closing).unwrap_or(inside.len());
            literals.push((line, inside[..end].to_owned()));
            (opening + end + closing.len()).min(rest.len())
        } else if next == '"' {
            let end = string_end(rest);
            literals.push((line, rest[1..end - 1].to_owned()));
            end
        } else if let Some(length) = char_literal(rest) {
            length
        } else {
            code.push(next);
            line += usize::from(next == '\n');
            rest = &rest[next.len_utf8()..];
            continue;
        };
        // Line breaks stay, so that lines keep their numbers.
        let breaks = rest[..length].matches('\n').count();
        code.push_str(&"\n".repeat(breaks));
        line += breaks;
        rest = &rest[length..];
    }
    (code, literals)
}

/// The length of `r##"` and the text that closes it.
fn raw_fence(rest: &str) -> Option<(usize, String)> {
    let after = rest.strip_prefix("br").or_else(|| rest.strip_prefix('r'))?;
    let hashes = after.len() - after.trim_start_matches('#').len();
    let opening = rest.len() - after.len() + hashes + 1;
    after[hashes..].starts_with('"').then(|| (opening, format!("\"{}", "#".repeat(hashes))))
}

fn string_end(rest: &str) -> usize {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

/// The length of a character literal; a lifetime is none.
fn char_literal(rest: &str) -> Option<usize> {
    let inside = rest.strip_prefix('\'')?;
    if let Some(escape) = inside.strip_prefix('\\') {
        let first = escape.chars().next()?.len_utf8();
        return escape[first..].find('\'').map(|end| 2 + first + end + 1);
    }
    let length = inside.chars().next()?.len_utf8();
    inside[length..].starts_with('\'').then_some(length + 2)
}

/// Blanks `#[cfg(test)] mod x { .. }` and tells the lines.
fn without_tests(code: &str) -> (String, Vec<usize>) {
    let lines: Vec<&str> = code.lines().collect();
    let (mut kept, mut tests, mut inside) = (String::new(), Vec::new(), false);
    for (at, line) in lines.iter().enumerate() {
        let opens = line.starts_with("mod ") && line.ends_with('{');
        let marked = at.checked_sub(1).and_then(|before| lines.get(before));
        inside |= opens && marked == Some(&"#[cfg(test)]");
        if inside {
            tests.push(at + 1);
        } else {
            kept.push_str(line);
        }
        kept.push('\n');
        inside &= *line != "}";
    }
    (kept, tests)
}

type Token = (usize, String);

/// Names (a macro's with its `!`), `::`, and single marks.
fn tokens(code: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    for (number, line) in code.lines().enumerate() {
        let mut rest = line;
        while let Some(next) = rest.chars().next() {
            let name = rest.len()
                - rest.trim_start_matches(|c: char| c.is_alphanumeric() || c == '_').len();
            let length = match name {
                0 if rest.starts_with("::") => 2,
                0 => next.len_utf8(),
                n if rest[n..].starts_with('!') && !rest[n..].starts_with("!=") => n + 1,
                n => n,
            };
            if !next.is_whitespace() {
                tokens.push((number + 1, rest[..length].to_owned()));
            }
            rest = &rest[length..];
        }
    }
    tokens
}

fn paths(tokens: &[Token], module: &[String]) -> Vec<Token> {
    let (mut found, mut at) = (Vec::new(), 0);
    while let Some((line, token)) = tokens.get(at) {
        at += 1;
        if token == "use" {
            spread(tokens, &mut at, &[], &mut found);
        } else if is_name(token) {
            let mut path = vec![token.clone()];
            while let (Some((_, colons)), Some((_, name))) = (tokens.get(at), tokens.get(at + 1))
                && colons == "::"
                && is_name(name)
            {
                path.push(name.clone());
                at += 2;
            }
            found.push((*line, path));
        }
    }
    found.into_iter().map(|(line, path)| (line, resolved(path, module))).collect()
}

/// Walks one `use` tree: `a::{b, c::d}` gives `a::b` and `a::c::d`.
fn spread(
    tokens: &[Token],
    at: &mut usize,
    prefix: &[String],
    found: &mut Vec<(usize, Vec<String>)>,
) {
    let mut path = prefix.to_vec();
    while let Some((line, token)) = tokens.get(*at) {
        *at += 1;
        match token.as_str() {
            "::" => {}
            "{" => spread(tokens, at, &path, found),
            "," | ";" | "}" => {
                if path.len() > prefix.len() {
                    found.push((*line, path));
                }
                if token != "," {
                    return;
                }
                path = prefix.to_vec();
            }
            "as" => *at += 1,
            "self" if !path.is_empty() => found.push((*line, path.clone())),
            name => path.push(name.to_owned()),
        }
    }
}

fn resolved(path: Vec<String>, module: &[String]) -> String {
    let mut base = module.to_vec();
    let mut rest = path.as_slice();
    let mut own = false;
    while let Some((first, after)) = rest.split_first() {
        match first.as_str() {
            "super" => drop(base.pop()),
            "self" => {}
            "crate" | "musiman" => base.clear(),
            _ => break,
        }
        (own, rest) = (true, after);
    }
    let base = if own { [&["crate".to_owned()], base.as_slice()].concat() } else { vec![] };
    [base.as_slice(), rest].concat().join("::")
}
