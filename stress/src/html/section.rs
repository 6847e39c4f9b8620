//! One run: its checks, its faults, its plots.

use std::fmt::Write as _;

use super::charts;
use super::index::anchor;
use super::plot::escaped;
use crate::digits::duration;
use crate::told::{mode, times, word};
use crate::{Check, Judged};

/// The section of the run with this number; folded up where it held.
pub(super) fn section(number: usize, judged: &Judged) -> String {
    let Judged { run, verdict, repeat, .. } = judged;
    let (class, open) = if verdict.passed { ("", "") } else { ("fail", " open") };
    let mut out = format!(
        "<details class=\"run {class}\" id=\"{}\"{open}>\n<summary><span class=\"badge {class}\">{}</span><b>{}</b>\
         <span class=\"faint\">{}, seed {}, {}, {} heard, profile {}</span></summary>\n<div>\n",
        anchor(number),
        word(verdict.passed),
        escaped(&run.scenario.name),
        mode(run.mode),
        run.scenario.seed,
        duration(run.seconds),
        duration(run.audio_s),
        escaped(&verdict.profile)
    );
    if !run.scenario.about.is_empty() {
        let _ = writeln!(out, "<p>{}</p>", escaped(&run.scenario.about));
    }
    let _ = writeln!(out, "<p class=\"faint\">again: <code>{}</code></p>", escaped(repeat));
    for note in &run.notes {
        let _ = writeln!(out, "<p class=\"faint\">note: {}</p>", escaped(note));
    }
    let _ = write!(out, "<div class=\"columns\"><div>{}</div><div>", checks(judged));
    out.push_str(&faults(judged));
    out.push_str(&others(judged));
    out.push_str("</div></div>\n");
    if let Ok(scenario) = toml::to_string(&run.scenario) {
        let _ = writeln!(
            out,
            "<details class=\"inner\"><summary>the scenario as it was run</summary><pre>{}</pre></details>",
            escaped(&scenario)
        );
    }
    let _ = writeln!(out, "<div class=\"plots\">\n{}</div>", charts::charts(judged));
    let _ = writeln!(out, "<p class=\"faint\"><a href=\"#index\">to the index</a></p>\n</div>\n</details>");
    out
}

/// The checks, those that failed first, and what was not measured.
fn checks(judged: &Judged) -> String {
    let verdict = &judged.verdict;
    let mut out = String::new();
    if !verdict.checks.is_empty() {
        out.push_str(
            "<div class=\"scroll\"><table>\n<thead><tr><th></th><th>figure</th><th class=\"n\">reached</th>\
             <th class=\"n\">at most</th><th>of it</th></tr></thead>\n<tbody>\n",
        );
        for check in verdict.failures().chain(verdict.checks.iter().filter(|check| check.passed)) {
            check_row(&mut out, check);
        }
        out.push_str("</tbody></table></div>\n");
    }
    if !verdict.not_measured.is_empty() {
        let names: Vec<_> = verdict.not_measured.iter().map(|figure| figure.title()).collect();
        let _ = writeln!(out, "<p class=\"faint\">Not measured here, not judged: {}.</p>", names.join(", "));
    }
    out
}

fn check_row(out: &mut String, check: &Check) {
    let unit = check.figure.unit();
    let class = if check.passed { "" } else { "fail" };
    let share = if check.limit > 0.0 {
        (check.reached / check.limit).clamp(0.0, 1.0)
    } else {
        f64::from(u8::from(check.reached > 0.0))
    };
    let _ = writeln!(
        out,
        "<tr class=\"{class}\"><td><span class=\"badge {class}\">{}</span></td><td>{}</td><td class=\"n\">{}</td>\
         <td class=\"n\">{}</td><td><span class=\"share\"><i style=\"width:{:.0}%\"></i></span></td></tr>",
        word(check.passed),
        check.figure.title(),
        unit.tell(check.reached),
        unit.tell(check.limit),
        share * 100.0
    );
}

/// Every fault that was asked for, and how often it fired.
fn faults(judged: &Judged) -> String {
    let fired = judged.run.fired.iter().map(|fired| (fired.fault, fired.count));
    let unheard =
        judged.verdict.never_fired.iter().filter(|k| judged.run.fired.iter().all(|f| f.fault != **k));
    let rows: Vec<_> = fired.chain(unheard.map(|kind| (*kind, 0))).collect();
    if rows.is_empty() {
        return "<p class=\"faint\">No fault was asked for.</p>\n".to_owned();
    }
    let mut out = String::from(
        "<div class=\"scroll\"><table>\n<thead><tr><th>fault</th><th class=\"n\">fired</th></tr></thead>\n<tbody>\n",
    );
    for (kind, count) in rows {
        let class = if count == 0 { "fail" } else { "" };
        let _ = writeln!(
            out,
            "<tr class=\"{class}\"><td>{}</td><td class=\"n\">{}</td></tr>",
            kind.name(),
            times(count)
        );
    }
    out.push_str("</tbody></table></div>\n");
    out
}

/// The figures that have no limit.
fn others(judged: &Judged) -> String {
    let checked = |figure| judged.verdict.checks.iter().any(|check| check.figure == figure);
    let rest: Vec<_> = judged.run.figures.iter().filter(|(figure, _)| !checked(**figure)).collect();
    if rest.is_empty() {
        return String::new();
    }
    let mut out = String::from(
        "<details class=\"inner\" open><summary>figures without a limit</summary><div class=\"scroll\"><table>\n<tbody>\n",
    );
    for (figure, value) in rest {
        let _ = writeln!(
            out,
            "<tr><td>{}</td><td class=\"n\">{}</td></tr>",
            figure.title(),
            figure.unit().tell(*value)
        );
    }
    out.push_str("</tbody></table></div></details>\n");
    out
}
