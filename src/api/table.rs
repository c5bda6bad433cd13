//! Every route of the service, on this page and the one beside it: path, handler, and what the
//! document says of it.
//! Must not know: what a handler does.

mod personal;

use super::routes::Routes;
use super::{
    accounts, agreements, applications, auth, clients, health, imports, inputs, jobs, journal,
    organisations, quotas, rounds, seasons, seekers, versions,
};

/// Every route of the service, tag by tag.
pub fn routes() -> Routes {
    let mut r = Routes::default();

    r.tag("Access", "Log in, stay logged in, get an account.");
    r.post("/v1/auth/login", auth::login, "Log in. Job seekers log in with their NIK. Gives an access token for ten minutes and a refresh token.");
    r.post("/v1/auth/refresh", auth::refresh, "Stay logged in. A refresh token serves once and gives the next one; an old one that comes back ends the session.");
    r.post("/v1/auth/logout", auth::logout, "Log out. Ends the session of the refresh token.");
    r.post(
        "/v1/auth/password",
        auth::change_password,
        "Change the own password. Every session of the account ends.",
    );
    r.post("/v1/auth/activation", auth::activate, "Activate an account. With the code from the desk; for the first time, or after a lost password or phone.");
    r.post("/v1/auth/token", auth::give_token, "Give a machine a token. OAuth 2.0 client credentials (RFC 6749, section 4.4), by HTTP Basic, in the form, or by an assertion under a key of its own (`private_key_jwt`, RFC 7523: issuer and subject are the client, one audience, the address of this operation, at most five minutes, each `jti` once); refusals as section 5.2 has them.");
    r.post("/v1/auth/second-factor", auth::offer_second_factor, "Begin a second factor. The secret for an authenticator app; the present factor, if there is one, serves until the new one is confirmed.");
    r.post("/v1/auth/second-factor/confirmation", auth::confirm_second_factor, "Confirm a second factor. With the code that the app shows; gives recovery codes, ends every other session and logs in.");
    r.post(
        "/v1/auth/second-factor/removal",
        auth::remove_second_factor,
        "Remove the own second factor. Where the role does not need one; every session ends.",
    );
    r.get(
        "/v1/me/second-factor",
        auth::get_second_factor,
        "Read the own second factor. Never its secret.",
    );
    r.post("/v1/auth/password-reset", auth::reset_password, "Choose a password with a code. For staff, with a code from a lead officer; every session ends, and a second factor stays.");
    r.get("/v1/me", auth::get_me, "Who am I. The account behind the token.");
    r.get(
        "/v1/me/sessions",
        auth::list_sessions,
        "List the own sessions. Where the account is logged in, by times alone.",
    );
    r.get("/v1/me/sessions/{id}", auth::get_session, "Read an own session. While it lives.");
    r.delete("/v1/me/sessions/{id}", auth::end_session, "End an own session. It turns no refresh token any more, and its access tokens are refused within seconds. Another one than the caller's asks for a fresh log-in.");
    r.get(
        "/.well-known/jwks.json",
        auth::get_jwks,
        "Public keys. The keys that sign access tokens (RFC 7517).",
    );

    r.tag("Journal", "What was done, and who looked at whose data. Sealed line by line.");
    r.get(
        "/v1/journal",
        journal::list_journal,
        "Read the journal. The newest lines first; reads of sealed data are among them.",
    );
    r.get(
        "/v1/me/journal",
        journal::list_own_journal,
        "What was done with my record. Who looked at it, by role, and every change.",
    );

    r.tag("Accounts", "Who may log in.");
    r.post(
        "/v1/accounts",
        accounts::create_account,
        "Make an account. For staff and partners; job seekers get theirs by an activation code. Asks for a fresh log-in, as every change of accounts and clients does.",
    );
    r.get(
        "/v1/accounts",
        accounts::list_accounts,
        "List accounts. All of them, or those of a role.",
    );
    r.get("/v1/accounts/{id}", accounts::get_account, "Read an account. Never its password.");
    r.patch("/v1/accounts/{id}", accounts::change_account, "Change an account. Name, role, state and organisation; a changed role or state ends its sessions.");

    r.post("/v1/accounts/{id}/password-code", auth::make_password_code, "Make a password code. With it staff choose their first password, or another one for a forgotten one; job seekers go to the desk.");
    r.delete("/v1/accounts/{id}/second-factor", auth::reset_second_factor, "Reset a second factor. For somebody who lost phone and recovery codes and was known in person; every session ends. The tag is the account's.");

    r.tag("Machines", "Clients that come in without a person, within their scopes.");
    r.post(
        "/v1/clients",
        clients::create_client,
        "Let a machine in. Its secret is told this once.",
    );
    r.get("/v1/clients", clients::list_clients, "List clients. Oldest first.");
    r.get("/v1/clients/{id}", clients::get_client, "Read a client. Never its secrets.");
    r.post("/v1/clients/{id}/secrets", clients::add_client_secret, "Add a secret. A second one, told this once, to change over without a pause; the body is empty.");
    r.delete(
        "/v1/clients/{id}/secrets/{secret_id}",
        clients::end_client_secret,
        "End a secret. It gives no token any more. The tag is the client's.",
    );
    r.post("/v1/clients/{id}/keys", clients::add_client_key, "Add a public key. To get tokens by `private_key_jwt` (RFC 7523) instead of a secret; two at most, to change over without a pause.");
    r.delete(
        "/v1/clients/{id}/keys/{key_id}",
        clients::end_client_key,
        "End a public key. What it signs gives no token any more. The tag is the client's.",
    );
    r.post("/v1/clients/{id}/disabling", clients::disable_client, "Disable a client. For good: it writes nothing from now on, and its tokens are refused within seconds.");

    r.tag("Organisations", "Offices, chambers, Korean employers and local governments.");
    r.post(
        "/v1/organisations",
        organisations::register_organisation,
        "Register an organisation. It waits for the office's approval.",
    );
    r.get(
        "/v1/organisations",
        organisations::list_organisations,
        "List organisations. By kind and state.",
    );
    r.get(
        "/v1/organisations/{id}",
        organisations::get_organisation,
        "Read an organisation. A partner reads only the own one.",
    );
    r.patch(
        "/v1/organisations/{id}",
        organisations::change_organisation,
        "Change an organisation. The chamber may do so until the office approved it.",
    );
    r.post(
        "/v1/organisations/{id}/endorsement",
        organisations::endorse_organisation,
        "Advise on an organisation. The chamber's advice; the office decides.",
    );
    r.post(
        "/v1/organisations/{id}/approval",
        organisations::approve_organisation,
        "Approve an organisation. An approved employer may post quotas.",
    );
    r.post(
        "/v1/organisations/{id}/suspension",
        organisations::suspend_organisation,
        "Suspend an organisation. It may post nothing until it is approved again.",
    );

    r.tag("Agreements", "Between the regency and a Korean si/gun.");
    r.post(
        "/v1/agreements",
        agreements::propose_agreement,
        "Propose an agreement. It counts when the office confirmed it.",
    );
    r.get("/v1/agreements", agreements::list_agreements, "List agreements. Oldest first.");
    r.get("/v1/agreements/{id}", agreements::get_agreement, "Read an agreement. As it stands.");
    r.patch(
        "/v1/agreements/{id}",
        agreements::change_agreement,
        "Change an agreement. The chamber may do so until the office confirmed it.",
    );
    r.post(
        "/v1/agreements/{id}/confirmation",
        agreements::confirm_agreement,
        "Confirm an agreement. The signed papers were seen.",
    );
    r.post(
        "/v1/agreements/{id}/ending",
        agreements::end_agreement,
        "End an agreement. No season can be opened under it any more.",
    );

    r.tag("Seasons", "Terms that are public before anybody applies.");
    r.post(
        "/v1/seasons",
        seasons::create_season,
        "Draft a season. Under an agreement that is effective on all its days.",
    );
    r.get(
        "/v1/seasons",
        seasons::list_seasons,
        "List seasons. Open to all; the office sees drafts too.",
    );
    r.get("/v1/seasons/{id}", seasons::get_season, "Read a season. Open to all once it is opened.");
    r.patch("/v1/seasons/{id}", seasons::change_season, "Change a season. While it is a draft.");
    r.post(
        "/v1/seasons/{id}/opening",
        seasons::open_season,
        "Open a season. Freezes its rules and terms and commits to the secrets of its lottery.",
    );
    r.post(
        "/v1/seasons/{id}/closure",
        seasons::close_season,
        "Close a season. Nothing happens in it afterwards.",
    );

    r.tag("Quotas", "Demands of Korean partners.");
    r.post(
        "/v1/quotas",
        quotas::post_quota,
        "Post a quota. A demand in draft; its terms must keep the season's rules.",
    );
    r.get(
        "/v1/quotas",
        quotas::list_quotas,
        "List quotas. Job seekers see the open ones, a partner the own ones.",
    );
    r.get(
        "/v1/quotas/{id}",
        quotas::get_quota,
        "Read a quota. Wages in won, with rupiah at the season's stated rate.",
    );
    r.patch(
        "/v1/quotas/{id}",
        quotas::change_quota,
        "Change a quota. While it is a draft or was sent back.",
    );
    r.post(
        "/v1/quotas/{id}/submission",
        quotas::submit_quota,
        "Submit a quota. The office decides on it.",
    );
    r.post(
        "/v1/quotas/{id}/withdrawal",
        quotas::withdraw_quota,
        "Withdraw a quota. Until the freeze of its season, which never changes what it took.",
    );
    r.post(
        "/v1/quotas/{id}/endorsement",
        quotas::endorse_quota,
        "Endorse a quota. Enters the document of the si/gun.",
    );
    r.post(
        "/v1/quotas/{id}/approval",
        quotas::approve_quota,
        "Approve a quota. It is open to job seekers then.",
    );
    r.post(
        "/v1/quotas/{id}/rejection",
        quotas::reject_quota,
        "Send a quota back, an open one until the freeze. The partner mends it and submits it again.",
    );

    r.tag("Job seekers", "The register of Kabupaten Bekasi.");
    r.post("/v1/job-seekers", seekers::register_seeker, "Register a job seeker. The office registers at once; anybody else gets 202 whatever stands in the register, and the record waits for proof at the desk.");
    r.get(
        "/v1/job-seekers",
        seekers::list_seekers,
        "List job seekers. Without identifiers; with `updated_since` in the order of changes.",
    );
    r.get(
        "/v1/job-seekers/{id}",
        seekers::get_seeker,
        "Read one job seeker. A seeker reads only the own record.",
    );
    r.patch("/v1/job-seekers/{id}", seekers::change_seeker, "Change a job seeker. A confirmed record whose NIK, name, birth date or sex changes has to be confirmed again; nothing of a restricted one is changed.");
    r.post("/v1/job-seekers/search", seekers::search_seekers, "Look up job seekers. By NIK, phone or the beginning of the name: exactly one of them; 50 lines at most.");
    r.post(
        "/v1/job-seekers/{id}/verification",
        seekers::verify_seeker,
        "Confirm a job seeker. The papers were seen.",
    );
    r.get(
        "/v1/job-seekers/{id}/eligibility",
        seekers::get_eligibility,
        "Judge eligibility for a quota. Every reason against it with its rule, and the points part by part.",
    );
    r.post(
        "/v1/job-seekers/{id}/activation-code",
        auth::make_activation_code,
        "Make an activation code. Shown this once, good for 72 hours; it replaces an older one.",
    );

    personal::lines(&mut r);

    r.tag("Imports", "Registers as files, CSV or XLSX.");
    r.post(
        "/v1/imports/job-seekers",
        imports::import_seekers,
        "Upload a register. CSV or XLSX, at most 64 MiB; a job reads it and judges every row. `text/csv` and the media type of workbooks are taken too; the content decides.",
    );
    r.get(
        "/v1/imports/{id}",
        imports::get_import,
        "Read an import. How far it is and how its rows ended.",
    );
    r.get(
        "/v1/imports/{id}/rows",
        imports::list_import_rows,
        "List rows. The verdict over each, in the order of the file.",
    );
    r.get("/v1/imports/{id}/refused-rows", imports::get_refused_rows, "Download the refused rows. With what is wrong in a column of its own: mend the file and upload it again.");

    r.tag("Applications", "Ranked lists of a season.");
    r.put(
        "/v1/seasons/{id}/applications/{job_seeker_id}",
        applications::put_application,
        "Hand in a ranked list. Until the freeze, as often as one likes; the order of arrival never counts.",
    );
    r.get(
        "/v1/seasons/{id}/applications/{job_seeker_id}",
        applications::get_application,
        "Read a ranked list. As it stands, withdrawn or not.",
    );
    r.delete(
        "/v1/seasons/{id}/applications/{job_seeker_id}",
        applications::withdraw_application,
        "Withdraw a ranked list. The row stays as withdrawn; a new list may follow until the freeze.",
    );

    r.tag("Rounds", "Freeze, draw, match, publish.");
    r.post("/v1/seasons/{id}/freeze", inputs::freeze_season, "Freeze a season. Writes the canonical input once; with a reason, a new version of it until the beacon. The tag is the season's.");
    r.get("/v1/seasons/{id}/inputs", versions::list_inputs, "List inputs. Every version of the frozen input by its digests, open to all, so that anybody can object before the beacon.");
    r.post(
        "/v1/seasons/{id}/beacon",
        inputs::enter_beacon,
        "Enter the beacon. Once a version, after the time of objection; it fixes the lottery.",
    );
    r.post(
        "/v1/seasons/{id}/rounds",
        rounds::compute_round,
        "Compute a round. A job does it from the frozen input alone.",
    );
    r.get(
        "/v1/seasons/{id}/rounds",
        rounds::list_rounds,
        "List rounds. Computed ones are open to all by their digests, published and void ones with their proof.",
    );
    r.get(
        "/v1/rounds/{id}",
        rounds::get_round,
        "Read a round. With its proof, once it is published.",
    );
    r.post(
        "/v1/rounds/{id}/approval",
        rounds::approve_round,
        "Approve a round. By another officer than the one who computed it.",
    );
    r.post(
        "/v1/rounds/{id}/publication",
        rounds::publish_round,
        "Publish a round. Reveals the secret; too late, the round is void.",
    );
    r.get(
        "/v1/rounds/{id}/seats",
        rounds::list_seats,
        "List seats. Partners see bands of their own, a company its count, a seeker the own seat.",
    );
    r.get(
        "/v1/rounds/{id}/explanations/{job_seeker_id}",
        rounds::get_explanation,
        "Explain a result. Line by line of the person's list.",
    );
    r.get(
        "/v1/rounds/{id}/summary",
        rounds::get_summary,
        "Sum a round up. Counts under the small-cell rule and public cutoffs.",
    );

    r.tag("Jobs", "Long work and its progress.");
    r.get("/v1/jobs/{id}", jobs::get_job, "Read a job. How far it is, and what stopped it.");

    r.tag("Service", "Health and documents.");
    r.get("/livez", health::get_livez, "Alive. The process answers.");
    r.get(
        "/readyz",
        health::get_readyz,
        "Ready. The database is reached and its migrations are in place.",
    );
    r
}
