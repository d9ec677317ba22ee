"""What DeepSpeed compiles for this configuration can be compiled here.

Why: offloading the optimizer to the CPU uses DeepSpeedCPUAdam, which is compiled when training
starts. That takes a C++ compiler, ninja, and for a torch with CUDA also its compiler nvcc of the
same major release: otherwise "Unable to JIT load the cpu_adam op", "CUDA_HOME does not exist,
unable to compile CUDA op(s)" or a CUDAMismatchException.

Fix: install g++, ninja and the CUDA toolkit of torch's release and set CUDA_HOME to it; or leave
offload_optimizer out; or choose torch's own Adam ("torch_adam": true).
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from firstmile.check.cuda_builds import build_of
from firstmile.check.installed import installed, python_of, unknown_python, value_of
from firstmile.check.intent import Intent, Training
from firstmile.check.machine_worlds import computer, package
from firstmile.check.releases import release_of
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import (
    Verdict,
    does_not_apply,
    failed,
    not_known,
    passed,
    seen,
    warned,
)
from firstmile.check.worlds import world
from firstmile.facts.environment import Cuda
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="crash/cuda/kernel",
    cause="environment/dependency-library",
    stage="fine-tuning",
    entries=(
        "deepspeed-adam-extension-cannot-be-built",
        "cuda-compiler-is-missing",
        "cuda-compiler-is-of-another-release-than-torch",
    ),
    references=(
        "https://github.com/deepspeedai/DeepSpeed/blob/master/op_builder/builder.py",
        "https://www.deepspeed.ai/tutorials/advanced-install/",
    ),
)


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look for compilers where the configuration has something compiled."""
    tree = intent.training.deepspeed if intent.training is not None else None
    if tree is None:
        return does_not_apply("DeepSpeed is not used")
    why = _compiles(tree)
    if why is None:
        return does_not_apply("this configuration has nothing compiled")
    environment = snapshot.environment
    python = python_of(snapshot)
    if python is None or environment is None:
        return unknown_python(snapshot)
    if environment.programs is None:
        return not_known("which compilers are there")
    asked = seen(why)
    there = {each.name for each in environment.programs}
    if not there & {"g++", "c++", "clang"} and not value_of(snapshot, intent, "CXX"):
        return failed(
            "DeepSpeed has to compile its CPU optimizer, but there is no C++ compiler.",
            asked,
            seen("neither g++ nor clang is on the PATH"),
            remedy="apt-get install g++, or leave offload_optimizer out.",
        )
    if "ninja" not in there and python.package("ninja") is None:
        return failed(
            "DeepSpeed has to compile its CPU optimizer, but ninja is not there.",
            asked,
            seen("ninja is neither on the PATH nor installed"),
            remedy="pip install ninja",
        )
    torch = python.package("torch")
    build = build_of(torch) if torch is not None else None
    if torch is None or build is None or build.kind != "CUDA":
        return passed("DeepSpeed's CPU optimizer can be compiled.", asked)
    cuda = environment.cuda
    toolkit = cuda.toolkit if cuda is not None else None
    if toolkit is None:
        if cuda is not None and cuda.toolkit_path is not None:
            return not_known("the release of the CUDA toolkit")
        return warned(
            "DeepSpeed has to compile its CPU optimizer, but the CUDA toolkit is missing; older "
            "releases of it refuse.",
            asked,
            installed(torch),
            seen("no nvcc, no CUDA_HOME and no /usr/local/cuda"),
            remedy=f"Install the toolkit of {build} and set CUDA_HOME, or leave offload_optimizer "
            "out.",
        )
    mine, other = release_of(toolkit, 1), release_of(build.release or "", 1)
    if mine and other and mine != other and value_of(snapshot, intent, "DS_SKIP_CUDA_CHECK") != "1":
        return failed(
            f"The CUDA toolkit is {toolkit}, but torch is built for {build}: DeepSpeed refuses to "
            "compile.",
            asked,
            installed(torch),
            seen(f"CUDA toolkit {toolkit}"),
            remedy=f"Set CUDA_HOME to a toolkit of CUDA {other[0]}.",
        )
    return passed("DeepSpeed's CPU optimizer can be compiled.", asked, seen(f"CUDA {toolkit}"))


def _compiles(tree: Mapping[str, Any]) -> str | None:
    """Return what of a configuration has something compiled, or None."""
    zero = tree.get("zero_optimization")
    offload = zero.get("offload_optimizer") if isinstance(zero, Mapping) else None
    device = offload.get("device") if isinstance(offload, Mapping) else None
    if device not in ("cpu", "nvme"):
        return None
    optimizer = tree.get("optimizer")
    parameters = optimizer.get("params") if isinstance(optimizer, Mapping) else None
    if isinstance(parameters, Mapping) and parameters.get("torch_adam") is True:
        return None
    return f"zero_optimization.offload_optimizer.device = {device}"


def examples() -> Iterator[Example]:
    """Yield worked examples."""
    offload = {"zero_optimization": {"stage": 2, "offload_optimizer": {"device": "cpu"}}}

    def of(
        outcome: Outcome,
        programs: tuple[str, ...],
        toolkit: str | None,
        tree: Mapping[str, Any] = offload,
    ) -> Example:
        cuda = Cuda(
            driver="550.54.15",
            driver_supports="12.4",
            toolkit=toolkit,
            toolkit_path="/usr/local/cuda" if toolkit else None,
        )
        made = computer(
            package("torch", "2.6.0+cu124"),
            package("deepspeed", "0.16.4"),
            programs=programs,
            cuda=cuda,
        )
        asked = Intent(training=Training(deepspeed=tree))
        return Example(outcome=outcome, snapshot=world(environment=made), intent=asked)

    yield of(Outcome.PASS, ("g++", "ninja"), "12.4")
    yield of(Outcome.PASS, ("g++", "ninja"), "12.1")
    yield of(Outcome.WARN, ("g++", "ninja"), None)
    yield of(Outcome.FAIL, ("g++", "ninja"), "11.8")
    yield of(Outcome.FAIL, ("ninja",), "12.4")
    yield of(Outcome.FAIL, ("g++",), "12.4")
    yield of(Outcome.SKIP, (), None, {"zero_optimization": {"stage": 2}})
    yield Example(outcome=Outcome.SKIP, snapshot=world(), says="does not apply")
