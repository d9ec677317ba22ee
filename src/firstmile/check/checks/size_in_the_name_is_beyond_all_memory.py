"""A model whose files are not here fits, by the number of parameters in its name, into memory.

Why: names say how large models are: deepseek-r1:671b, Llama-3.1-405B. Even in 4 bits 671 billion
numbers take 312 GiB, and the program is killed, or stops, after hours of downloading.

Fix: take a smaller model of the family, such as a distillation, or a machine with the memory.
"""

import re
from collections.abc import Iterator
from typing import Final

from msgspec.structs import replace

from firstmile.check.intent import Action, Intent, Parallel
from firstmile.check.ollama_elsewhere import elsewhere
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
from firstmile.check.worlds import LLAMA, folder, gpu, machine, world
from firstmile.facts.sizes import GIB, shown
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="crash/other",
    cause="hardware/cpu-memory",
    references=(
        "https://ollama.com/library/deepseek-r1/tags",
        "https://docs.ollama.com/cloud",
    ),
)
_SIZE: Final = re.compile(r"(?<![0-9A-Za-z.])([0-9]{1,4}(?:\.[0-9]{1,2})?)[bB](?![0-9A-Za-z])")
_TRILLIONS: Final = re.compile(r":([0-9]{1,2}(?:\.[0-9]{1,2})?)[tT](?![0-9A-Za-z])")
"""As tags of Ollama say it. In other names "3T" counts the tokens of a training."""
_FEWER_BITS: Final = re.compile(r"(?i)i?q[123](?:_|-|$)|[123]-?bit|tq[12]|bitnet|1\.58")
_BYTES: Final = {False: 0.5, True: 0.2}
"""Of a number, at the least: 4 bits, or those of the smallest kinds where the name says so."""
_ENGINES: Final = ("ollama", "llama.cpp", "vllm", "sglang", "transformers")


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Hold the least that so many parameters take against all memory of the machine."""
    if snapshot.model is not None:
        return does_not_apply("the model's files are there, by which others compute")
    if intent.engine not in _ENGINES or intent.trains:
        return does_not_apply("no engine is to load a model")
    name = (intent.model or "").rpartition("/")[2]
    if (other := elsewhere(snapshot, intent)) is not None:
        return does_not_apply(other)
    billions = _billions(name, intent)
    if billions is None:
        return does_not_apply("the model's name does not say how large it is")
    if intent.parallel.nodes is not None and intent.parallel.nodes > 1:
        return does_not_apply("several machines share the model")
    environment = snapshot.environment
    spread = (intent.parallel.tensor or 1) * (intent.parallel.pipeline or 1)
    if environment is not None and spread > max(len(environment.gpus), 1):
        return does_not_apply("the model is spread over more GPUs than this machine has")
    if environment is None or environment.memory is None:
        return not_known("the memory of the machine")
    least = billions * 1e9 * _BYTES[_FEWER_BITS.search(name) is not None]
    own = sum(each.memory_total_bytes or 0 for each in environment.gpus if each.vendor != "Apple")
    main = environment.memory.total_bytes + (environment.memory.swap_total_bytes or 0)
    there = own + main
    if intent.engine in ("vllm", "sglang") and own:
        there = own + (intent.cpu_offload_bytes or 0)
    proof = (
        seen(f"model = {intent.model}"),
        seen(f"{billions:g} billion numbers take at least {shown(int(least))}"),
        seen(f"memory: {shown(there)}"),
    )
    if least > there:
        # llama.cpp maps files into memory, and device_map can leave layers on the disk.
        say = warned if intent.engine == "llama.cpp" or intent.device_map is not None else failed
        return say(
            f"The model takes at least {shown(int(least))}, and the machine has {shown(there)}.",
            *proof,
            remedy=f"Take one of up to {there / GIB * 1.5:,.0f}b, or a machine with the memory.",
        )
    return passed("By its name the model may fit.", *proof)


def _billions(name: str, intent: Intent) -> float | None:
    """Return how many billions of numbers a model has by its name, None where it does not say."""
    found = [float(each) for each in _SIZE.findall(name)]
    if intent.engine == "ollama":
        found += [1_000 * float(each) for each in _TRILLIONS.findall(name)]
    return max(found, default=None)


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(outcome: Outcome, model: str, gib: float, engine: str = "ollama") -> Example:
        here = machine(system="Darwin", architecture="arm64", memory_gib=gib)
        intent = Intent(engine=engine, action=Action.GENERATE, model=model)
        return Example(outcome=outcome, snapshot=world(environment=here), intent=intent)

    yield of(Outcome.FAIL, "deepseek-r1:671b", 128)
    yield of(Outcome.PASS, "deepseek-r1:671b", 512)
    yield of(Outcome.SKIP, "deepseek-v3.1:671b-cloud", 16)
    yield of(Outcome.FAIL, "kimi-k2:1t", 256)
    yield of(Outcome.PASS, "kimi-k2:1t", 768)
    yield of(Outcome.SKIP, "kimi-k2:1t-cloud", 16)
    yield of(Outcome.PASS, "TinyLlama-1.1B-intermediate-step-1431k-3T", 16, "transformers")
    yield of(Outcome.PASS, "deepseek-r1:70b", 64)
    yield of(Outcome.WARN, "meta-llama/Llama-3.1-405B-Instruct", 128, "llama.cpp")
    yield of(Outcome.PASS, "unsloth/DeepSeek-R1-671B-GGUF-IQ1_S", 192, "llama.cpp")
    yield of(Outcome.SKIP, "qwen3", 8)
    spread = Intent(engine="transformers", model="m-70b", device_map="auto")
    little = world(environment=machine(memory_gib=16))
    yield Example(outcome=Outcome.WARN, snapshot=little, intent=spread)
    small = world(environment=machine(memory_gib=16))
    for host, outcome in (("http://gpu-box:11434", Outcome.SKIP), ("127.0.0.1:1", Outcome.FAIL)):
        there = {"OLLAMA_HOST": host}
        asked = Intent(engine="ollama", action=Action.GENERATE, model="m:671b", variables=there)
        yield Example(outcome=outcome, snapshot=small, intent=asked)
    cards = machine(gpus=[gpu(index=place) for place in range(2)], memory_gib=1000)
    served = Intent(engine="vllm", model="Llama-3.1-405B-Instruct")
    yield Example(outcome=Outcome.FAIL, snapshot=world(environment=cards), intent=served)
    offloaded = replace(served, cpu_offload_bytes=200 * GIB)
    yield Example(outcome=Outcome.PASS, snapshot=world(environment=cards), intent=offloaded)
    many = Intent(engine="vllm", model="m-405B", parallel=Parallel(tensor=8, pipeline=2))
    yield Example(outcome=Outcome.SKIP, snapshot=world(environment=cards), intent=many)
    local = world(folder(config=LLAMA), cards)
    yield Example(outcome=Outcome.SKIP, snapshot=local, intent=served, says="are there")
    yield Example(outcome=Outcome.SKIP, snapshot=world(), intent=served, says="not known")
