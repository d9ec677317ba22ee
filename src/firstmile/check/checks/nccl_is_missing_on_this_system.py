"""Several ranks with GPUs, and Meta's example scripts, run where NCCL exists: under Linux.

Why: torch for Windows and macOS is built without NCCL, which ranks talk by unless told otherwise:
"Distributed package doesn't have NCCL built in". The example scripts of llama, llama3 and codellama
ask for it even where a single process runs them. vLLM and SGLang do not run there at all.

Fix: run it in WSL 2 or on Linux, start a single process, or say --ddp_backend gloo, which is slow.
Of Meta's models take those in transformers' form, or a GGUF file with llama.cpp or Ollama.
"""

from collections.abc import Iterator
from typing import Final

from msgspec.structs import replace

from firstmile.check.intent import Argument, Intent, Parallel
from firstmile.check.meta_checkpoints import ENGINE
from firstmile.check.model_sizes import (
    written,
)
from firstmile.check.ranks import at_once
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, failed, not_known, passed, seen
from firstmile.check.worlds import gpu, machine, world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="crash/value/operation-restriction",
    cause="distributed/communication",
    entries=("nccl-is-missing-on-windows-or-mac",),
    references=("https://docs.pytorch.org/docs/stable/distributed.html",),
)

_OF_META: Final = (
    "Take the model in transformers' form or as GGUF (llama.cpp, Ollama), or run the script under "
    "Linux with an NVIDIA GPU (under Windows in WSL 2)."
)


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look at the system of a run of several ranks."""
    if at_once(intent) <= 1 and intent.engine != ENGINE:
        return does_not_apply("the command starts one rank")
    environment = snapshot.environment
    if environment is None or environment.system is None:
        return not_known("the operating system")
    system = environment.system.name
    proof = (seen(f"system = {system}"), seen(f"ranks = {at_once(intent)}"))
    if system not in ("Windows", "Darwin"):
        return passed(f"NCCL exists under {system}.", *proof)
    backend = (written(intent, "ddp_backend") or "").lower()
    if backend in ("gloo", "mpi"):
        return passed(f"The ranks talk by {backend}.", *proof)
    name = {"Darwin": "macOS"}.get(system, system)
    return failed(
        f"NCCL does not exist under {name}.",
        *proof,
        remedy=_OF_META
        if intent.engine == ENGINE
        else "Run it in WSL 2 or on Linux, start one process, or set --ddp_backend gloo."
        if system == "Windows"
        else "Run it on Linux, or start one process.",
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""
    train = Intent(engine="torchrun", parallel=Parallel(processes=2))
    windows = world(None, machine(system="Windows", gpus=[gpu(), gpu(index=1)]))
    yield Example(outcome=Outcome.FAIL, snapshot=windows, intent=train, says="under Windows")
    said = Argument(written="--ddp_backend", name="ddp_backend", value="gloo")
    yield Example(outcome=Outcome.PASS, snapshot=windows, intent=replace(train, arguments=(said,)))
    mac = world(None, machine(system="Darwin"))
    yield Example(outcome=Outcome.FAIL, snapshot=mac, intent=train, says="under macOS")
    yield Example(outcome=Outcome.PASS, snapshot=world(None, machine()), intent=train)
    meta = Intent(engine=ENGINE, parallel=Parallel(processes=1))
    yield Example(outcome=Outcome.FAIL, snapshot=mac, intent=meta, says="under macOS")
    yield Example(outcome=Outcome.FAIL, snapshot=windows, intent=meta)
    yield Example(outcome=Outcome.PASS, snapshot=world(None, machine()), intent=meta)
    yield Example(outcome=Outcome.SKIP, snapshot=windows, says="does not apply")
    yield Example(outcome=Outcome.SKIP, snapshot=world(), intent=train, says="not known")
