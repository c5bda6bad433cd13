//! The routes of people's own data and its protection: the middle of the page of routes.
//! Must not know: what a handler does.

use crate::api::routes::Routes;
use crate::api::{breaches, consents, merges, portable, processing, retention, rights, seekers};

/// Tag by tag.
pub(super) fn lines(r: &mut Routes) {
    r.tag("Consents", "What people agreed to, purpose by purpose.");
    r.get(
        "/v1/consent-texts",
        consents::list_consent_texts,
        "List what is asked. Every purpose in its present wording, in three languages, open to all.",
    );
    r.get(
        "/v1/me/consents",
        consents::list_own_consents,
        "List the own consents. Every answer ever given, the first one first.",
    );
    r.post(
        "/v1/me/consents",
        consents::give_consent,
        "Agree to a purpose. It takes the place of an answer to an older wording.",
    );
    r.get(
        "/v1/job-seekers/{id}/consents",
        consents::list_consents,
        "List a person's consents. Every answer ever given, the first one first.",
    );
    r.post(
        "/v1/job-seekers/{id}/consents",
        consents::record_consent,
        "Keep a consent for a person. Given on paper or at the desk.",
    );
    r.get("/v1/consents/{id}", consents::get_consent, "Read a consent. As it stands.");
    r.post("/v1/consents/{id}/withdrawal", consents::withdraw_consent, "Withdraw a consent. At once: no list is handed in, no draw takes part, nothing is shown to Korea on it any more. The office says how it heard of it. What rests on the law cannot be withdrawn.");

    r.tag("Portability", "People taken from one system to another, and their numbers there.");
    r.get("/v1/job-seekers/{id}/portable", portable::export_seeker, "Give out a person. The whole record with consents and lists; `portable` can be taken in elsewhere.");
    r.post("/v1/job-seekers/portable", portable::import_portable, "Take in a person. Found by NIK or by a number of another system, registered if nobody has them; a record that says otherwise is not changed.");
    r.get(
        "/v1/job-seekers/{id}/external-ids",
        portable::list_external_ids,
        "List numbers. Under which other systems know the person.",
    );
    r.post("/v1/job-seekers/{id}/external-ids", portable::set_external_id, "Keep a number. In the place of an older one of the same system; no two people have the same.");

    r.tag("Doubles", "Two records of one human being, and how they become one.");
    r.get(
        "/v1/job-seekers/{id}/doubles",
        seekers::list_doubles,
        "List who may be a double. Records with the same name and birth date, telephone or passport under another NIK.",
    );
    r.post("/v1/merges", merges::propose_merge, "Propose a merge. Why both records are of one person, and what the one that stands takes from the other; refused with every reason against it.");
    r.get(
        "/v1/merges",
        merges::list_merges,
        "List merges. By state, without anybody's data; the oldest first.",
    );
    r.get("/v1/merges/{id}", merges::get_merge, "Read a merge. Both records side by side, in what they differ, what becomes of each thing, and what stands against it.");
    r.post("/v1/merges/{id}/confirmation", merges::confirm_merge, "Confirm a merge. By a lead officer who did not propose it; the double becomes an empty record whose NIK leads to the one that stands.");
    r.post(
        "/v1/merges/{id}/refusal",
        merges::refuse_merge,
        "Refuse a merge. By a lead officer who did not propose it; both records stay.",
    );
    r.post(
        "/v1/merges/{id}/withdrawal",
        merges::withdraw_merge,
        "Withdraw a merge. Until it is decided.",
    );
    r.post(
        "/v1/merges/{id}/nik-release",
        merges::release_merged_nik,
        "Release a merged NIK. It is somebody else's after all, who can be registered from now on.",
    );

    r.tag("Breaches", "Failures to protect personal data, and the notices of them.");
    r.post(
        "/v1/breaches",
        breaches::record_breach,
        "Record a breach. From the moment of knowledge 72 hours run for the notices.",
    );
    r.get("/v1/breaches", breaches::list_breaches, "List breaches. The newest first.");
    r.get(
        "/v1/breaches/{id}",
        breaches::get_breach,
        "Read a breach. With its clock and who waits.",
    );
    r.patch(
        "/v1/breaches/{id}",
        breaches::change_breach,
        "Change a breach. What is known grows; the moment of knowledge stays.",
    );
    r.post(
        "/v1/breaches/{id}/people",
        breaches::add_breach_people,
        "Add people. Those whom the breach touched, by id or by filter; nobody stands there twice.",
    );
    r.get(
        "/v1/breaches/{id}/people",
        breaches::list_breach_people,
        "List people. Whom the breach touched, and who was told.",
    );
    r.get(
        "/v1/breaches/{id}/notices",
        breaches::list_breach_notices,
        "Word the notices. To people and to the authority, in three languages.",
    );
    r.post(
        "/v1/breaches/{id}/authority-notice",
        breaches::tell_authority,
        "Note the authority's notice. When and how it went out.",
    );
    r.post("/v1/breaches/{id}/people-notices", breaches::tell_people, "Note people's notices. When and how they went out; everybody who waits, or those of a list.");
    r.post(
        "/v1/breaches/{id}/closure",
        breaches::close_breach,
        "Close a breach. When authority and people were told.",
    );
    r.get(
        "/v1/me/breaches",
        breaches::list_own_breaches,
        "List notices about me. The text of each, the newest first.",
    );

    r.tag("Data protection", "What the data officer has to show.");
    r.get(
        "/v1/processing-activities",
        processing::list_processing_activities,
        "List processing activities. Basis, data, recipients, retention and safeguards of each.",
    );
    r.get("/v1/processing-impact", processing::get_processing_impact, "Count what an assessment starts from. People, columns, decisions and recipients, without small counts of people.");

    r.get("/v1/expiring-records", retention::list_expiring, "List records that go soon. Those whose time is over within the days of notice (`DP-KEEP`); they are erased by themselves, unless an upload that is still kept names the person.");

    r.tag("Own data", "What the service holds of the caller.");
    r.get("/v1/me/export", rights::get_export, "Export my data. Everything that the service holds of me, with what decided my results; secrets are left out.");
    r.get(
        "/v1/me/export/page",
        rights::get_export_page,
        "Read my data. The same as a page in the reader's language, without scripts.",
    );

    r.tag(
        "Data requests",
        "What people may ask about their own data, with 72 hours for an answer.",
    );
    r.post("/v1/me/data-requests", rights::make_data_request, "Ask about my data. To see it, to correct it, to let it lie still, to erase it, or for a human review of a result.");
    r.get(
        "/v1/me/data-requests",
        rights::list_own_data_requests,
        "List my data requests. The oldest first.",
    );
    r.get(
        "/v1/me/data-requests/{id}",
        rights::get_own_data_request,
        "Read my data request. With its clocks and its answer.",
    );
    r.post(
        "/v1/me/data-requests/{id}/withdrawal",
        rights::withdraw_data_request,
        "Withdraw my data request. Until it is answered; withdrawn, a restriction in force ends.",
    );
    r.post("/v1/me/data-requests/{id}/files", rights::add_evidence_file, "Hand in a file. A photograph (JPEG, PNG) or a PDF of at most 8 MiB that shows what an open request says; a picture is drawn anew, without what a camera writes into it.");
    r.get(
        "/v1/data-requests/{id}/files",
        rights::list_evidence_files,
        "List files of a request. Without their content, the first one first.",
    );
    r.get(
        "/v1/evidence-files/{id}",
        rights::get_evidence_file,
        "Fetch a file. As it is kept; the journal tells who fetched it.",
    );
    r.get(
        "/v1/data-requests",
        rights::list_data_requests,
        "List data requests. By kind, state and clock, without anybody's words.",
    );
    r.get(
        "/v1/data-requests/{id}",
        rights::get_data_request,
        "Read a data request. With the person's words.",
    );
    r.post(
        "/v1/data-requests/{id}/identity-check",
        rights::check_data_request_identity,
        "Note that the identity was checked. Nothing is granted before.",
    );
    r.post("/v1/data-requests/{id}/decision", rights::decide_data_request, "Answer a data request. What is granted is done at once, or refused with every rule that forbids it.");
    r.post(
        "/v1/data-requests/{id}/lifting",
        rights::lift_restriction,
        "Lift a restriction. The person's data is worked on again.",
    );
}
