//! What a round tells of people was frozen: the register may go on.

use crate::rounds::{published, through};
use crate::support::both;
use crate::support::drawn::{Drawn, FREEZE};
use crate::support::season::quota;
use serde_json::json;

#[test]
fn no_published_figure_follows_the_register() {
    both(|w| async move {
        let season = w.open_season().await;
        w.employer(1, "cooperative").await;
        let mut terms = quota(season.id());
        terms["kind"] = json!("public");
        terms["seats"] = json!(20);
        let open = w.open_quota(1, terms).await;
        let d = Drawn { season: season.id().parse().unwrap(), quota: open.id().parse().unwrap() };
        let mut people = vec![];
        // Five who are not verified get no seat.
        for n in 1..=18 {
            let mut one = w.siti(n);
            one["kecamatan"] = json!(if n <= 6 { "321617" } else { "321618" });
            let made = w.post("/v1/job-seekers").by("office").once().json(one).send().await.ok();
            let path = format!("/v1/job-seekers/{}/verification", made.id());
            if n <= 13 {
                w.post(&path).by("office").if_match(made.etag()).send().await.ok();
            }
            w.agrees(made.id());
            let path = format!("/v1/seasons/{}/applications/{}", d.season, made.id());
            let list = json!({ "choices": [open.id()], "reason": "at the desk" });
            let put = w.put(&path).by("office").header("if-none-match", "*").json(list);
            assert_eq!(put.send().await.status, 201);
            people.push(made.id().to_owned());
        }
        w.at(FREEZE);
        let round = through(&w, &d).await;
        published(&w, &round).await;
        let path = format!("/v1/rounds/{}", round.id());
        let summary = || w.get(&format!("{path}/summary")).send();
        let seats = || w.get(&format!("{path}/seats")).by("partner1").send();
        let (counts, bands) = (summary().await.ok().body, seats().await.ok().body);
        assert_eq!(counts["placed"], 13, "{counts}");
        let public = w.get(&path).send().await.ok().body;
        assert_eq!((&public["placed"], &public["unplaced"]), (&json!(13), &json!(5)));
        assert_eq!(public["nodes"], counts["nodes"]);
        let homes = counts["by_kecamatan"].as_array().unwrap();
        assert!(homes.contains(&json!({ "key": "321618", "count": 7 })), "{counts}");
        assert_eq!(bands["data"][0]["experience_band"], "36-59");
        for id in &people {
            let later = json!({ "kecamatan": "321619", "farm_months": 70 });
            let path = format!("/v1/job-seekers/{id}");
            w.patch(&path).by("office").if_match("*").merge(&later).send().await.ok();
        }
        assert_eq!(summary().await.ok().body, counts);
        assert_eq!(seats().await.ok().body, bands);
    });
}
