//! Which sessions speak and where they run, as the arguments have it.

use clap::ValueEnum;
use sostenuto_engine::inference::norms::NormsChoice;
use sostenuto_engine::inference::{Form, Provider, UnknownForm};
use sostenuto_engine::{Policy, Scheduling};

/// Which sessions speak and where they run, for every command that opens an engine.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Sessions")]
pub(crate) struct SessionArgs {
    /// Which sessions speak: quality (every voice), fast (about forty times cheaper), hybrid (the fast one opens and
    /// steps in where the quality one would be late), or twin (two quality sessions). Unless given: hybrid where both
    /// models speak the voice and somebody listens, else quality where it is fetched.
    #[arg(long, value_name = "quality|fast|hybrid|twin")]
    pub(crate) session: Option<Policy>,

    /// Where the session runs; as calibrated, else on the CPU, unless given. One that does not run it falls back to
    /// the CPU.
    #[arg(long, value_name = "NAME")]
    pub(crate) provider: Option<Provider>,

    /// Do as if `sostenuto calibrate` had never run.
    #[arg(long)]
    pub(crate) no_calibration: bool,

    /// Threads of the session; as calibrated, else all cores, unless given.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub(crate) threads: Option<u16>,

    #[command(flatten)]
    pub(crate) form: FormArg,
    /// Where the norms of Kokoro's generator come from: exact (measured on every fragment), predicted (from what was
    /// learned of the voice, so that it is heard while the rest is computed; a voice that has not passed its check is
    /// refused) or auto (predicted where that has passed, else exact, and learned from).
    #[arg(long, value_name = "exact|predicted|auto", default_value_t)]
    pub(crate) norms: NormsChoice,

    /// Keep the pump and g2p threads on a core each; on from four cores on, unless given.
    #[arg(long, value_enum, value_name = "on|off")]
    pin: Option<Switch>,

    /// Run the pump at real-time priority; on from four cores on, unless given.
    #[arg(long, value_enum, value_name = "on|off")]
    priority: Option<Switch>,
}

/// What runs the quality session, for every command that speaks.
#[derive(Clone, Copy, Debug, clap::Args)]
pub(crate) struct FormArg {
    /// What runs the quality session on the CPU: stock (ONNX Runtime alone), native (our own generator behind it),
    /// native-int8 (that in integers, which is not quite the same), or auto, whichever of the first two was found to be faster here and
    /// to say the same. What cannot be had falls back to stock, but for native-int8.
    #[arg(long, value_name = "auto|stock|native|native-int8", default_value = "auto", value_parser = parse_form)]
    variant: Choice,
}

/// As `--variant` has it; nothing for `auto`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Choice(Option<Form>);

fn parse_form(name: &str) -> Result<Choice, UnknownForm> {
    if name == "auto" { Ok(Choice(None)) } else { name.parse().map(|form| Choice(Some(form))) }
}

impl FormArg {
    /// What was asked for; `None` where the machine decides.
    pub(crate) fn asked(self) -> Option<Form> {
        self.variant.0
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Switch {
    On,
    Off,
}

impl SessionArgs {
    /// As they are, but with `policy`.
    pub(crate) fn with_policy(&self, policy: Policy) -> Self {
        let mut args = self.clone();
        args.session = Some(policy);
        args
    }

    /// Where and how urgently the stages run.
    pub(crate) fn scheduling(&self) -> Scheduling {
        let mut scheduling = Scheduling::default();
        if let Some(pin) = self.pin {
            scheduling.pin = pin == Switch::On;
        }
        if let Some(priority) = self.priority {
            scheduling.priority = priority == Switch::On;
        }
        scheduling
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Args {
        #[command(flatten)]
        sessions: SessionArgs,
    }

    fn sessions(args: &[&str]) -> Option<SessionArgs> {
        Args::try_parse_from([&["sostenuto"], args].concat()).ok().map(|args| args.sessions)
    }

    #[test]
    fn stages_are_placed_as_asked_for_and_else_by_default() {
        assert_eq!(sessions(&[]).unwrap().scheduling(), Scheduling::default());
        let asked = sessions(&["--pin", "on", "--priority", "off"]).unwrap().scheduling();
        assert_eq!((asked.pin, asked.priority), (true, false));
    }

    #[test]
    fn the_machine_decides_on_the_form_unless_one_is_asked_for() {
        let form = |args: &[&str]| sessions(args).unwrap().form.asked();
        assert_eq!((form(&[]), form(&["--variant", "auto"])), (None, None));
        assert_eq!(form(&["--variant", "native"]), Some(Form::Native));
        assert_eq!(form(&["--variant", "stock"]), Some(Form::Stock));
    }

    #[test]
    fn norms_are_predicted_where_that_is_safe_unless_told_otherwise() {
        assert_eq!(sessions(&[]).unwrap().norms, NormsChoice::Auto);
        assert_eq!(sessions(&["--norms", "exact"]).unwrap().norms, NormsChoice::Exact);
    }

    #[test]
    fn what_no_session_can_be_is_refused() {
        for args in [
            ["--variant", "fused"],
            ["--threads", "0"],
            ["--session", "slow"],
            ["--provider", "abacus"],
            ["--pin", "yes"],
            ["--norms", "good"],
        ] {
            assert!(sessions(&args).is_none(), "{args:?}");
        }
    }
}
