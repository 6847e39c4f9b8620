//! What is to be run, as the arguments have it.

use std::time::Duration;

use sostenuto_stress::{FaultKind, Mode, Profile, SHIPPED, Scenario, real, swarm};

use crate::exit::Failure;
use crate::session_args::SessionArgs;
use crate::stress_args::StressRun;

/// The name under which faults are drawn at random.
const SWARM: &str = "swarm";
/// What gives a swarm its length and its sink.
const SWARM_BASE: &str = "steady-article";
/// On a machine it takes ten hours, or shows nothing: only who names it runs it there.
const TEN_HOURS: &str = "ten-hours";
/// What is run for long, unless something else is asked for.
const SOAK: &str = "steady-book";

/// What scenarios are judged by, unless something else is asked for.
const STABLE: &str = "stable";
/// What a swarm is judged by: with faults that nobody chose, only what must hold whatever happens.
const INVARIANTS: &str = "invariants";

/// Of a shorter run nothing is said about hours.
const SHORTEST_SOAK: Duration = Duration::from_mins(5);

/// A scenario to run, and the command that runs it again.
#[derive(Debug)]
pub(crate) struct Planned {
    /// As it is to be run.
    pub(crate) scenario: Scenario,
    /// What it is judged by.
    pub(crate) profile: Profile,
    /// The command that runs this alone.
    pub(crate) repeat: String,
}

/// Where `args` ask to run.
pub(crate) fn mode(args: &StressRun) -> Mode {
    if args.real || args.soak.is_some() { Mode::Real } else { Mode::Sim }
}

/// By which profile the scenario `name` is judged.
fn profile<'a>(name: &str, args: &'a StressRun) -> &'a str {
    args.profile.as_deref().unwrap_or(if name == SWARM { INVARIANTS } else { STABLE })
}

/// What `args` ask to run, in order.
pub(crate) fn plan(args: &StressRun) -> Result<Vec<Planned>, Failure> {
    let SessionArgs { threads, provider, no_calibration, .. } = &args.sessions;
    if mode(args) == Mode::Sim && (args.tone || threads.is_some() || provider.is_some() || *no_calibration) {
        return Err(Failure::usage(
            "--tone, --threads, --provider and --no-calibration are for --real: in a simulation a scenario's [machine] \
             says what sessions cost",
        ));
    }
    if args.soak.is_some_and(|soak| soak < SHORTEST_SOAK) {
        return Err(Failure::usage(
            "a soak takes 5 minutes at least: before, nothing is known of how memory grows",
        ));
    }
    let mut planned = Vec::new();
    for name in names(args) {
        match &args.seeds {
            Some(seeds) => {
                for seed in seeds.0.clone() {
                    planned.push(prepare(&name, Some(seed), args)?);
                }
            }
            None => planned.push(prepare(&name, args.seed, args)?),
        }
    }
    Ok(planned)
}

fn names(args: &StressRun) -> Vec<String> {
    if !args.scenarios.is_empty() {
        return args.scenarios.clone();
    }
    if args.seeds.is_some() {
        return vec![SWARM.to_owned()];
    }
    if args.soak.is_some() {
        return vec![SOAK.to_owned()];
    }
    let all = SHIPPED.iter().map(|shipped| shipped.name);
    all.filter(|&name| mode(args) == Mode::Sim || name != TEN_HOURS).map(str::to_owned).collect()
}

fn prepare(name: &str, seed: Option<u64>, args: &StressRun) -> Result<Planned, Failure> {
    let found = if name == SWARM { SWARM_BASE } else { name };
    let mut scenario = Scenario::find(found).map_err(Failure::usage)?;
    if let Some(length) = args.length.or(args.soak) {
        scenario.sim_seconds = length.as_secs_f64();
        scenario.real_seconds = length.as_secs_f64();
    }
    if name == SWARM {
        let sink = scenario.sink.clone();
        scenario = swarm(&scenario, seed.unwrap_or_default());
        if mode(args) == Mode::Real {
            // The sink of a swarm is paced, and nobody kills that.
            scenario.faults.retain(|fault| fault.kind() != FaultKind::ServerKill);
            scenario.sink = sink;
        }
    } else {
        scenario.seed = seed.unwrap_or(scenario.seed);
    }
    scenario.speech.policy = args.sessions.session.unwrap_or(scenario.speech.policy);
    scenario.check().map_err(Failure::usage)?;
    if mode(args) == Mode::Real {
        real::check_fit(&scenario).map_err(|error| Failure::usage(format_args!("{name}: {error}")))?;
    }
    let repeat = repeat(name, &scenario, args);
    let profile = Profile::find(profile(name, args)).map_err(Failure::usage)?;
    Ok(Planned { scenario, profile, repeat })
}

fn repeat(name: &str, scenario: &Scenario, args: &StressRun) -> String {
    let mut words = vec!["sostenuto stress".to_owned(), quoted(name), format!("--seed {}", scenario.seed)];
    words.extend(args.soak.map(|soak| format!("--soak {}s", soak.as_secs_f64())));
    words.extend(args.length.map(|length| format!("--length {}s", length.as_secs_f64())));
    if args.soak.is_none() {
        words.push(if mode(args) == Mode::Real { "--real" } else { "--sim" }.to_owned());
    }
    if args.tone {
        words.push("--tone".to_owned());
    }
    words.extend(args.sessions.session.map(|policy| format!("--session {policy}")));
    words.extend(args.sessions.provider.map(|provider| format!("--provider {provider}")));
    words.extend(args.sessions.no_calibration.then(|| "--no-calibration".to_owned()));
    words.extend(args.sessions.threads.map(|threads| format!("--threads {threads}")));
    words.push(format!("--profile {}", quoted(profile(name, args))));
    words.join(" ")
}

/// `word` as a shell takes it for one.
pub(crate) fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./+:=,".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Args {
        #[command(flatten)]
        run: StressRun,
    }

    fn planned(args: &[&str]) -> Vec<Planned> {
        plan(&Args::try_parse_from([&["stress"], args].concat()).unwrap().run).unwrap()
    }

    #[test]
    fn everything_that_comes_with_the_program_is_run_unless_something_is_named() {
        let names: Vec<_> = planned(&[]).into_iter().map(|planned| planned.scenario.name).collect();
        assert!(names.iter().eq(SHIPPED.iter().map(|shipped| shipped.name)), "{names:?}");
        assert_eq!(planned(&["--real"]).len(), SHIPPED.len() - 1);
    }

    #[test]
    fn seeds_are_run_one_by_one_and_draw_a_swarm_unless_a_scenario_is_named() {
        let swarm = planned(&["--seeds", "3..6"]);
        assert!(swarm.iter().map(|planned| planned.scenario.seed).eq(3..6));
        assert!(swarm.iter().all(|planned| planned.profile.name == INVARIANTS));
        let named = planned(&["steady-book", "--seeds", "3..5"]);
        assert!(named.iter().all(|planned| planned.scenario.name == "steady-book"));
    }

    #[test]
    fn the_command_that_repeats_a_run_plans_the_same_run() {
        for args in [
            &["--seeds", "7..8"][..],
            &["fault-stalls", "--real", "--length", "30s", "--profile", "low-latency"],
            &["--soak", "2h"],
            &["steady-words", "--real", "--tone", "--session", "fast", "--threads", "1"],
        ] {
            let first = planned(args).remove(0);
            let again: Vec<&str> = first.repeat.split(' ').skip(2).collect();
            let second = planned(&again).remove(0);
            assert_eq!((first.scenario, &first.repeat), (second.scenario, &second.repeat));
        }
    }

    #[test]
    fn a_word_is_quoted_for_a_shell_only_where_it_must_be() {
        assert_eq!(quoted("my/own-1.toml"), "my/own-1.toml");
        assert_eq!(quoted("it's mine.toml"), r"'it'\''s mine.toml'");
        assert_eq!(quoted(""), "''");
    }
}
