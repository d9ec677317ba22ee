"""The folders that the run writes to can be written.

Why: weights are downloaded into the Hub cache, and Triton, torch and vLLM keep what they compile
in caches of their own. A folder of another user (after one "sudo"), a read-only mount or a home
that does not exist in a container stops them: "PermissionError: [Errno 13] Permission denied".

Fix: point HF_HOME, TRITON_CACHE_DIR or VLLM_CACHE_ROOT to a folder of yours, or have the owner
changed: chown -R "$USER" FOLDER.
"""

from collections.abc import Iterator
from typing import Final

from firstmile.check.intent import Intent
from firstmile.check.machine_worlds import room
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
from firstmile.check.worlds import LLAMA, folder, machine, world
from firstmile.facts.environment import Folder
from firstmile.facts.model_folder.folder import ModelFolder
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="loading/model/validation-failed",
    cause="configuration/inference",
    entries=("cache-folder-cannot-be-written",),
    references=(
        "https://huggingface.co/docs/huggingface_hub/package_reference/environment_variables#hfhome",
    ),
)
VARIABLES: Final = {
    "temporary files": "TMPDIR",
    "Hugging Face cache": "HF_HOME",
    "Triton cache": "TRITON_CACHE_DIR",
    "vLLM cache": "VLLM_CACHE_ROOT",
}


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look at the folders that this run writes to."""
    environment = snapshot.environment
    if environment is None or not environment.folders:
        return not_known("the folders of caches")
    used = [each for each in environment.folders if each.purpose in _used(snapshot, intent)]
    if not used:
        return does_not_apply("no folder of a cache is used")
    closed = [each for each in used if not each.writable]
    if not closed:
        return passed(
            "The folders of caches can be written.", *(seen(_shown(each)) for each in used[:3])
        )
    first = closed[0]
    say = failed if first.purpose in ("temporary files", "Hugging Face cache") else warned
    return say(
        f"The folder for the {first.purpose} cannot be written.".replace("the Hugging", "Hugging"),
        *(seen(_shown(each)) for each in closed),
        remedy=f"Set {VARIABLES[first.purpose]} to a folder of yours.",
    )


def _used(snapshot: Snapshot, intent: Intent) -> tuple[str, ...]:
    """Return the purposes of folders that a run writes to; a local model needs no Hub cache."""
    used = ["temporary files"]
    if snapshot.model is None and intent.model and "/" in intent.model:
        used.append("Hugging Face cache")
    if intent.engine in ("vllm", "sglang"):
        used.append("Triton cache")
    if intent.engine == "vllm":
        used.append("vLLM cache")
    return tuple(used)


def _shown(each: Folder) -> str:
    state = "can be written" if each.writable else "cannot be written"
    return f"{each.purpose} in {each.path}: {state}"


def examples() -> Iterator[Example]:
    """Yield worked examples."""
    named = Intent(engine="vllm", model="Qwen/Qwen3-8B")

    def of(
        outcome: Outcome,
        *closed: str,
        intent: Intent = named,
        model: ModelFolder | None = None,
    ) -> Example:
        folders = [room(each, writable=each not in closed) for each in VARIABLES]
        made = machine(folders=folders)
        return Example(outcome=outcome, snapshot=world(model, made), intent=intent)

    yield of(Outcome.PASS)
    yield of(Outcome.FAIL, "Hugging Face cache")
    yield of(Outcome.FAIL, "temporary files", intent=Intent())
    yield of(Outcome.WARN, "vLLM cache")
    local = folder(config=LLAMA)
    yield of(Outcome.PASS, "Hugging Face cache", model=local)
    yield Example(outcome=Outcome.SKIP, snapshot=world(environment=machine()), says="not known")
