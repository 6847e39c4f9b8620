//! What a calibration holds for.

use sostenuto_inference::assets::AssetError;
use sostenuto_inference::{DEFAULT_VOICE, Models, Twin};

/// The machine, the runtime and the models that a calibration was measured with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// The processor's model, in the system's words.
    pub cpu: String,
    /// Cores that this process may use.
    pub cores: usize,
    /// The version of ONNX Runtime.
    pub runtime: String,
    /// SHA-256 of the quality session's model.
    pub quality: String,
    /// SHA-256 of the fast session's model.
    pub fast: String,
}

impl Key {
    /// This machine with the models that `models` pins. Nothing is loaded.
    ///
    /// # Errors
    /// The manifest lacks one of them.
    pub fn here(models: &Models) -> Result<Self, AssetError> {
        let manifest = models.manifest();
        let file = Twin::of(DEFAULT_VOICE).map_or("", |twin| twin.model);
        let fast = manifest.entries().iter().find(|entry| entry.file_name() == file);
        let fast = fast.map_or_else(|| manifest.entry(file), Ok)?;
        Ok(Self {
            cpu: cpu_name(),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            runtime: manifest.entry("onnxruntime")?.version.clone(),
            quality: manifest.entry("kokoro")?.sha256.to_string(),
            fast: fast.sha256.to_string(),
        })
    }

    /// The fields by the names they have in the file.
    pub(super) fn fields(&self) -> [(&'static str, String); 5] {
        [
            ("cpu", self.cpu.clone()),
            ("cores", self.cores.to_string()),
            ("runtime", self.runtime.clone()),
            ("quality", self.quality.clone()),
            ("fast", self.fast.clone()),
        ]
    }
}

/// The processor's model in the system's words; the architecture where it does not tell.
pub fn cpu_name() -> String {
    let told = if cfg!(target_os = "macos") {
        let output = std::process::Command::new("sysctl").args(["-n", "machdep.cpu.brand_string"]).output();
        output.ok().and_then(|output| String::from_utf8(output.stdout).ok())
    } else if cfg!(windows) {
        std::env::var("PROCESSOR_IDENTIFIER").ok()
    } else {
        std::fs::read_to_string("/proc/cpuinfo").ok().and_then(|text| cpu_in(&text))
    };
    let told = told.map(|name| name.trim().to_owned()).filter(|name| !name.is_empty());
    told.unwrap_or_else(|| std::env::consts::ARCH.to_owned())
}

/// The model in `/proc/cpuinfo`. ARM kernels give numbers instead of a name.
fn cpu_in(cpuinfo: &str) -> Option<String> {
    let field = |name: &str| {
        cpuinfo.lines().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            (key.trim() == name).then(|| value.trim().to_owned())
        })
    };
    field("model name")
        .or_else(|| Some(format!("{} {}", field("CPU implementer")?, field("CPU part")?)))
        .or_else(|| field("Hardware"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_processor_is_read_from_what_the_kernel_says_of_it() {
        let x86 = "processor\t: 0\nmodel\t\t: 17\nmodel name\t: AMD EPYC\nmodel name\t: other\n";
        assert_eq!(cpu_in(x86).as_deref(), Some("AMD EPYC"));
        let arm = "processor\t: 0\nCPU implementer\t: 0x41\nCPU part\t: 0xd0b\n";
        assert_eq!(cpu_in(arm).as_deref(), Some("0x41 0xd0b"));
        assert_eq!(cpu_in(""), None);
    }
}
