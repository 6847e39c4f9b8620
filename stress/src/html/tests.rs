//! The page as a whole.

use super::page;
use crate::trial::{report, run};
use crate::{Judged, Profile, Series};

#[test]
fn a_page_has_every_plot_and_needs_no_network() {
    let page = page(&report());
    for title in [
        "Buffer level",
        "Hard ring and target",
        "Slack per fragment",
        "Time to first audio",
        "Stop latency",
        "Callback lateness",
        "RTF by fragment length",
        "Memory",
        "Added delay against concealed time",
    ] {
        assert_eq!(page.matches(&format!("<h3>{title}</h3>")).count(), 3, "{title}");
    }
    for link in ["http:", "https:", "src=", "url(", "@import", "<link"] {
        assert!(!page.contains(link), "{link}");
    }
    assert!(!page.contains("NaN"));
}

#[test]
fn what_a_user_wrote_is_escaped() {
    let mut report = report();
    report.suites[0].run.scenario.name = "<script>alert(1)</script>".into();
    report.suites[0].run.notes.push("a </div> & b".into());
    let page = page(&report);
    assert!(!page.contains("<script>alert"));
    assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
    assert!(page.contains("A &lt;processor&gt;") && page.contains("a &lt;/div&gt; &amp; b"));
}

#[test]
fn what_was_not_measured_is_told_in_the_place_of_its_plot() {
    let page = page(&report());
    let simulated = page.split("id=\"run-3\"").nth(1).unwrap();
    assert_eq!(simulated.matches("not measured in a simulation").count(), 2);
}

#[test]
fn a_run_of_which_nothing_is_known_has_a_page_too() {
    let nothing = crate::Run { series: Series::default(), figures: [].into(), fired: Vec::new(), ..run() };
    let mut report = report();
    report.suites = vec![Judged::new(nothing, &Profile::find("stable").unwrap(), String::new())];
    let page = page(&report);
    assert!(page.contains("The run fails") && page.contains("no fragment was sampled"));
    report.suites.clear();
    assert!(super::page(&report).contains("No runs"));
}

#[test]
fn every_run_is_in_the_index_and_only_what_failed_is_open() {
    let page = page(&report());
    for number in 1..=3 {
        assert!(
            page.contains(&format!("href=\"#run-{number}\""))
                && page.contains(&format!("id=\"run-{number}\""))
        );
    }
    assert_eq!(page.matches("<details class=\"run fail\"").count(), 1);
    assert_eq!(page.matches(" open>\n<summary><span class=\"badge fail\"").count(), 1);
    assert_eq!(page.matches("<details").count(), page.matches("</details>").count());
}

/// Writes the trial page where `SOSTENUTO_TRIAL_PAGE` says, to be looked at.
#[test]
fn a_page_can_be_looked_at() {
    let Ok(path) = std::env::var("SOSTENUTO_TRIAL_PAGE") else {
        println!("SOSTENUTO_TRIAL_PAGE is not set: no page to look at");
        return;
    };
    let mut report = report();
    let stable = Profile::find("stable").unwrap();
    for shipped in crate::SHIPPED.iter().filter(|shipped| shipped.name != "ten-hours") {
        let run = crate::simulate(&shipped.scenario().unwrap()).unwrap();
        report.suites.push(Judged::new(run, &stable, String::new()));
    }
    std::fs::write(&path, page(&report)).unwrap();
    assert!(std::fs::metadata(path).unwrap().len() > 10_000);
}
