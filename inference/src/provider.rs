//! Execution providers: the processors that a session can run on.

use std::fmt;
use std::str::FromStr;

use ort::ep::ExecutionProviderDispatch;

/// A kind of processor that ONNX Runtime can run a session on.
///
/// Each but the CPU is behind a cargo feature of this crate, and has to be in the ONNX Runtime library as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Provider {
    /// The processor itself; always there.
    Cpu,
    /// NVIDIA GPUs; feature `cuda`.
    Cuda,
    /// NVIDIA GPUs with a graph compiled for them; feature `tensorrt`.
    TensorRt,
    /// Apple devices; feature `coreml`.
    CoreMl {
        /// Which of the device's processors may be used.
        units: CoreMlUnits,
    },
    /// GPUs on Windows; feature `directml`.
    DirectMl,
    /// Intel processors and GPUs; feature `openvino`.
    OpenVino,
    /// The processor, with other kernels for convolutions and products; feature `xnnpack`.
    Xnnpack,
}

/// The processors of an Apple device that a session may use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum CoreMlUnits {
    /// Whatever suits.
    #[default]
    All,
    /// CPU and GPU.
    CpuAndGpu,
    /// CPU and Neural Engine.
    CpuAndNeuralEngine,
    /// CPU only.
    Cpu,
}

const NAMES: [(&str, Provider); 10] = [
    ("cpu", Provider::Cpu),
    ("cuda", Provider::Cuda),
    ("tensorrt", Provider::TensorRt),
    ("coreml", Provider::CoreMl { units: CoreMlUnits::All }),
    ("coreml:cpu+gpu", Provider::CoreMl { units: CoreMlUnits::CpuAndGpu }),
    ("coreml:cpu+ane", Provider::CoreMl { units: CoreMlUnits::CpuAndNeuralEngine }),
    ("coreml:cpu", Provider::CoreMl { units: CoreMlUnits::Cpu }),
    ("directml", Provider::DirectMl),
    ("openvino", Provider::OpenVino),
    ("xnnpack", Provider::Xnnpack),
];

/// There is no provider of this name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "unknown provider '{0}'; choose cpu, cuda, tensorrt, coreml (also coreml:cpu+gpu, coreml:cpu+ane, coreml:cpu), \
     directml, openvino or xnnpack"
)]
pub struct UnknownProvider(String);

/// This program was built without the provider: build it with the cargo feature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("provider {provider} is not in this build: build with `--features {feature}`")]
pub struct ProviderNotBuilt {
    /// What was asked for.
    pub provider: Provider,
    /// The cargo feature that brings it.
    pub feature: &'static str,
}

impl Provider {
    /// All there are, `CoreML` once for every choice of units.
    pub fn all() -> impl Iterator<Item = Self> {
        NAMES.iter().map(|(_, provider)| *provider)
    }

    /// Those that this program was built with, the CPU first.
    pub fn built() -> impl Iterator<Item = Self> {
        Self::all().filter(|provider| provider.require().is_ok())
    }

    /// The name by which users choose it.
    pub fn name(self) -> &'static str {
        NAMES.iter().find(|(_, provider)| *provider == self).map_or("", |(name, _)| name)
    }

    /// The cargo feature that brings it; `None` for the CPU.
    pub fn feature(self) -> Option<&'static str> {
        (self != Self::Cpu).then(|| self.name().split(':').next().unwrap_or_default())
    }

    /// Whether this program was built with it.
    ///
    /// # Errors
    /// It was not; the error names the feature.
    pub fn require(self) -> Result<(), ProviderNotBuilt> {
        let built = match self {
            Self::Cpu => true,
            Self::Cuda => cfg!(feature = "cuda"),
            Self::TensorRt => cfg!(feature = "tensorrt"),
            Self::CoreMl { .. } => cfg!(feature = "coreml"),
            Self::DirectMl => cfg!(feature = "directml"),
            Self::OpenVino => cfg!(feature = "openvino"),
            Self::Xnnpack => cfg!(feature = "xnnpack"),
        };
        match self.feature() {
            Some(feature) if !built => Err(ProviderNotBuilt { provider: self, feature }),
            _ => Ok(()),
        }
    }

    /// The providers to try when this one is asked for, in order. The CPU is always the last.
    pub fn chain(self) -> Vec<Self> {
        match self {
            Self::Cpu => vec![Self::Cpu],
            Self::TensorRt if Self::Cuda.require().is_ok() => vec![self, Self::Cuda, Self::Cpu],
            other => vec![other, Self::Cpu],
        }
    }

    /// What registers it with a session that is to have `threads` threads; `None` for the CPU, which every session
    /// has.
    pub(crate) fn registration(
        self,
        threads: usize,
    ) -> Result<Option<ExecutionProviderDispatch>, ProviderNotBuilt> {
        self.require()?;
        #[cfg(not(feature = "xnnpack"))]
        let _ = threads;
        let dispatch: Option<ExecutionProviderDispatch> = match self {
            #[cfg(feature = "cuda")]
            Self::Cuda => Some(ort::ep::CUDA::default().build()),
            #[cfg(feature = "tensorrt")]
            Self::TensorRt => Some(ort::ep::TensorRT::default().build()),
            #[cfg(feature = "coreml")]
            Self::CoreMl { units } => {
                use ort::ep::coreml::ComputeUnits;
                let units = match units {
                    CoreMlUnits::All => ComputeUnits::All,
                    CoreMlUnits::CpuAndGpu => ComputeUnits::CPUAndGPU,
                    CoreMlUnits::CpuAndNeuralEngine => ComputeUnits::CPUAndNeuralEngine,
                    CoreMlUnits::Cpu => ComputeUnits::CPUOnly,
                };
                Some(ort::ep::CoreML::default().with_compute_units(units).build())
            }
            #[cfg(feature = "directml")]
            Self::DirectMl => Some(ort::ep::DirectML::default().build()),
            #[cfg(feature = "openvino")]
            Self::OpenVino => Some(ort::ep::OpenVINO::default().build()),
            #[cfg(feature = "xnnpack")]
            Self::Xnnpack => {
                let threads = std::num::NonZeroUsize::new(threads).unwrap_or(std::num::NonZeroUsize::MIN);
                Some(ort::ep::XNNPACK::default().with_intra_op_num_threads(threads).build())
            }
            // The CPU; the others that are not in this build were refused above.
            _ => None,
        };
        Ok(dispatch.map(ExecutionProviderDispatch::error_on_failure))
    }
}

impl fmt::Display for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Provider {
    type Err = UnknownProvider;

    fn from_str(name: &str) -> Result<Self, UnknownProvider> {
        let name = name.trim().to_ascii_lowercase();
        let found =
            NAMES.iter().find(|(known, _)| *known == name || (name == "coreml:all" && *known == "coreml"));
        found.map(|(_, provider)| *provider).ok_or(UnknownProvider(name))
    }
}

impl serde::Serialize for Provider {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> serde::Deserialize<'de> for Provider {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = <std::borrow::Cow<'_, str>>::deserialize(deserializer)?;
        name.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_read_back_as_it_is_printed() {
        for provider in Provider::all() {
            assert_eq!(provider.to_string().parse(), Ok(provider));
        }
        assert_eq!("CoreML:all".parse(), Ok(Provider::CoreMl { units: CoreMlUnits::All }));
    }

    #[test]
    fn an_unknown_name_is_answered_with_those_there_are() {
        let error = "gpu".parse::<Provider>().unwrap_err().to_string();
        assert!(error.starts_with("unknown provider 'gpu'; choose cpu, cuda, "), "{error}");
    }

    #[test]
    fn what_this_build_lacks_is_refused_with_the_feature_that_brings_it() {
        for provider in Provider::all() {
            let built = Provider::built().any(|b| b == provider);
            match provider.require() {
                Ok(()) => assert!(built),
                Err(error) => {
                    assert!(!built && provider != Provider::Cpu);
                    let feature = format!("`--features {}`", provider.feature().unwrap());
                    assert!(error.to_string().ends_with(&feature), "{error}");
                    assert!(provider.registration(1).is_err());
                }
            }
        }
    }

    #[test]
    fn every_chain_starts_with_what_was_asked_for_and_ends_with_the_cpu() {
        for provider in Provider::all() {
            let chain = provider.chain();
            assert_eq!((chain.first(), chain.last()), (Some(&provider), Some(&Provider::Cpu)));
        }
        assert_eq!(Provider::Cpu.chain().len(), 1);
    }
}
