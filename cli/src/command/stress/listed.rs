//! What comes with the program.

use std::io::Write;
use std::process::ExitCode;

use sostenuto_stress::{Profile, SHIPPED, Side, Table};

use crate::exit::Failure;

pub(super) fn run(name: Option<&str>) -> Result<ExitCode, Failure> {
    let mut out = std::io::stdout().lock();
    if let Some(name) = name {
        let scenario = SHIPPED.iter().find(|shipped| shipped.name == name).map(|shipped| shipped.toml);
        let Some(file) = scenario.or_else(|| Profile::shipped(name)) else {
            return Err(Failure::usage(format_args!(
                "neither a scenario nor a profile is called '{name}'; `sostenuto stress list` tells their names"
            )));
        };
        write!(out, "{file}")?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut scenarios = Table::new(&[("scenario", Side::Left), ("what it shows", Side::Left)]);
    for shipped in SHIPPED {
        let scenario = shipped.scenario().map_err(Failure::failed)?;
        scenarios.row([shipped.name.to_owned(), scenario.about]);
    }
    scenarios
        .row(["swarm".to_owned(), "Whatever a seed draws: text, sessions, machine and faults.".to_owned()]);
    let mut profiles = Table::new(&[("profile", Side::Left), ("whom it is for", Side::Left)]);
    for name in Profile::shipped_names() {
        let profile = Profile::find(name).map_err(Failure::failed)?;
        profiles.row([profile.name, profile.about]);
    }
    write!(out, "{}\n{}", scenarios.text(""), profiles.text(""))?;
    Ok(ExitCode::SUCCESS)
}
