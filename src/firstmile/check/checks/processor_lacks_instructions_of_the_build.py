"""The processor has the instructions that builds for the CPU are made with.

Why: prebuilt llama.cpp, Ollama and llama-cpp-python expect AVX2, FMA and F16C of an x86 processor,
vLLM's build for the CPU AVX2 at least. Older ones, and virtual machines that hide the flags (type
"kvm64" or "qemu64"), end in "Illegal instruction (core dumped)" without a word of explanation.

Fix: give the virtual machine the host's processor type ("host"), or build the engine where it is
to run.
"""

from collections.abc import Iterator
from typing import Final

from firstmile.check.intent import Intent
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, not_known, passed, seen, warned
from firstmile.check.worlds import gpu, machine, world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="crash/other",
    cause="environment/system-architecture",
    entries=("processor-lacks-an-instruction-of-the-build",),
    references=(
        "https://docs.vllm.ai/en/latest/getting_started/installation/cpu/",
        "https://github.com/ggml-org/llama.cpp/blob/master/docs/build.md",
    ),
)
_NEEDS: Final = {
    "llama.cpp": ("avx2", "fma", "f16c"),
    "ollama": ("avx",),
    "vllm": ("avx2",),
}
_BUILT_WITHOUT: Final = (
    "Build it on this machine, and where that fails too name what is missing: cmake -B build "
    "-DGGML_NATIVE=OFF -DGGML_AVX2=OFF -DGGML_FMA=OFF -DGGML_F16C=OFF; or give the virtual machine "
    'the processor type "host".'
)
"""Options of ggml's CMakeLists.txt (LLAMA_AVX2 and so on before 2024-06)."""


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look for the flags where the engine computes on the CPU."""
    needed = _NEEDS.get(intent.engine or "")
    if needed is None:
        return does_not_apply("no engine is asked for whose builds need them")
    environment = snapshot.environment
    if environment is None or environment.processor is None or environment.system is None:
        return not_known("the processor")
    if environment.system.machine.lower() not in ("x86_64", "amd64"):
        return does_not_apply("the processor is no x86")
    if intent.engine == "vllm" and environment.gpus:
        return does_not_apply("the engine computes on the GPU")
    flags = environment.processor.flags
    if not flags:
        return not_known("the instructions of the processor, which this system does not list")
    missing = [each for each in needed if each not in flags]
    proof = seen(f"flags of the processor: {' '.join(flags)}")
    if missing:
        return warned(
            f"The processor lacks {', '.join(missing)}, which ready-made builds use.",
            proof,
            remedy=_BUILT_WITHOUT
            if intent.engine == "llama.cpp"
            else "Build the engine on this machine, or give the virtual machine the processor "
            'type "host".',
        )
    return passed("The processor has the instructions of ready-made builds.", proof)


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(outcome: Outcome, engine: str, *flags: str, machine_of: str = "x86_64") -> Example:
        made = machine(flags=flags, architecture=machine_of)
        return Example(
            outcome=outcome, snapshot=world(environment=made), intent=Intent(engine=engine)
        )

    yield of(Outcome.PASS, "llama.cpp", "avx", "avx2", "fma", "f16c")
    yield of(Outcome.WARN, "llama.cpp", "sse4_2", "avx", "f16c")
    yield of(Outcome.PASS, "ollama", "sse4_2", "avx")
    yield of(Outcome.WARN, "vllm", "sse4_2", "avx")
    yield of(Outcome.SKIP, "llama.cpp")
    yield of(Outcome.SKIP, "llama.cpp", "asimd", machine_of="aarch64")
    beside = machine(flags=("sse4_2",), gpus=[gpu()])
    vllm = Intent(engine="vllm")
    yield Example(outcome=Outcome.SKIP, snapshot=world(environment=beside), intent=vllm)
