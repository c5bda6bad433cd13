# Every daily command. `just` alone lists them; `just ci` is what CI runs.

set shell := ["bash", "-euo", "pipefail", "-c"]

redocly := "@redocly/cli@2.77.0"
typescript := "openapi-typescript@7.13.0"

default:
    @just --list --unsorted

# Serve data/musiman.db on 127.0.0.1:8080.
run *args:
    cargo run --release -- serve {{ args }}

# Serve the demo season: one login per role is printed.
demo:
    cargo run --release -- serve --demo

# Every test: SQLite always, PostgreSQL where its server binaries or TEST_DATABASE_URL are.
test *args:
    cargo test {{ args }}

# Clippy with warnings as errors, then licences, bans and sources of all crates.
lint: clippy deny

clippy:
    cargo clippy --all-targets -- -D warnings

deny:
    cargo fetch --locked --quiet
    cargo deny --offline --all-features check bans licenses sources

# Format all sources.
fmt:
    cargo fmt --all

fmt-check:
    cargo fmt --all -- --check

# Write openapi/openapi.json anew; a test says when that is due.
openapi:
    mkdir -p openapi target
    cargo run -q -- openapi > target/openapi.json
    mv target/openapi.json openapi/openapi.json

# The checked-in document against the code.
openapi-drift:
    mkdir -p target
    cargo run -q -- openapi > target/openapi.json
    diff -u openapi/openapi.json target/openapi.json || { echo 'openapi/openapi.json is old: run `just openapi`' >&2; exit 1; }

# Redocly's recommended rules, then a TypeScript and a Python client. Any warning of a generator fails.
openapi-clients:
    rm -rf target/clients && mkdir -p target/clients
    npm_config_loglevel=error REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true npx --yes {{ redocly }} lint --extends recommended openapi/openapi.json
    npm_config_loglevel=error npx --yes {{ typescript }} openapi/openapi.json -o target/clients/schema.d.ts 2>&1 | tee target/clients/typescript.log
    ! grep -i 'warn' target/clients/typescript.log
    openapi-python-client generate --path openapi/openapi.json --meta none --output-path target/clients/python --fail-on-warning

# Made-up requests to every operation of a service of its own: no 500, nothing undocumented.
contract examples="10":
    tests/contract/run {{ examples }}

# The twin migrations and src/db/schema, proven equal by tests.
schema:
    cargo test -- schema migration

# Made-up input to one parser of fuzz/fuzz_targets. Needs nightly and cargo-fuzz.
fuzz target seconds="60":
    mkdir -p fuzz/corpus/{{ target }}
    cargo +nightly fuzz run --sanitizer none {{ target }} fuzz/corpus/{{ target }} fuzz/seeds/{{ target }} -- -max_total_time={{ seconds }} -timeout=10 -rss_limit_mb=1024

# Requests per second against pgbench with the same SQL, as ratios.
bench-http *args:
    cargo bench --bench http -- {{ args }}

# What sealing and the journal cost: requests per second against the same build without them.
bench-trust seconds="3":
    cargo build --release --features without-trust --target-dir target/without-trust
    cargo bench --bench trust -- "$PWD/target/without-trust/release/musiman" {{ seconds }}

# What must hold before anything lands; the README's test command, with PostgreSQL required.
ci: fmt-check clippy deny
    CI=true cargo test
    just openapi-drift
    just contract
    just openapi-clients
