"""Every option of the command and of its settings file is one that the program has.

Why: these programs stop at an option that they do not have, before anything is loaded: vLLM and
SGLang say "unrecognized arguments", llama.cpp "invalid argument", Ollama "unknown flag",
LLaMA-Factory "Some keys are not used by the HfArgumentParser", and so do scripts of transformers.
Each release adds options and drops others, so that one which resembles none that is known may be
newer, or of a plugin.

Fix: write the option as the program's own --help lists it.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from firstmile.check.installed import engine_version
from firstmile.check.intent import Argument, Intent, Unknown
from firstmile.check.releases import release_of
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, failed, passed, seen, warned
from firstmile.check.words_to_copy import text_word
from firstmile.check.worlds import world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="loading/model/validation-failed",
    cause="api/call-parameter",
    references=(
        "https://docs.vllm.ai/en/latest/cli/serve.html",
        "https://github.com/vllm-project/vllm/issues/3651",
        "https://github.com/hiyouga/LlamaFactory/issues/5633",
    ),
)
_ENGINES: Final = ("vllm", "sglang", "llama.cpp", "ollama", "llama-factory")
"""Programs that stop at an unknown option, and of which all options are known."""
_BY_SLIPS: Final = ("trl", "transformers")
"""What stops at an unknown option as well, where only those are known that resemble one."""
_READ: Final = {"vllm": (0, 33)}
"""The release whose options are known; a newer one may have more."""
_OTHERWISE: Final = ("USE_V1", "USE_MCA", "USE_MEGATRON_BRIDGE", "ALLOW_EXTRA_ARGS")
"""Variables by which LLaMA-Factory takes other settings, or lets unknown ones pass
(src/llamafactory/hparams/parser.py, cli.py)."""
_KINDS: Final = ("option", "setting")
_MOST: Final = 5
"""Options that are told each."""


def judge(snapshot: Snapshot, intent: Intent) -> Verdict | Sequence[Verdict]:
    """Tell a slip from an option that may be newer."""
    engine = intent.engine or ""
    if engine not in _ENGINES and not (engine in _BY_SLIPS and intent.unknown):
        return does_not_apply("the program's options are not all known, or it lets others pass")
    if engine == "llama-factory" and any(_is_on(intent, name) for name in _OTHERWISE):
        return does_not_apply(f"{' and '.join(_OTHERWISE)} change what LLaMA-Factory takes")
    wrong = [one for one in intent.unknown if one.kind in _KINDS]
    if any(one.written == "--omni" for one in wrong):
        return does_not_apply("the options of vLLM-Omni, which --omni starts, are not all known")
    if wrong:
        is_newer = _is_newer(snapshot, intent)
        return [_unknown(one, is_newer=is_newer) for one in wrong[:_MOST]]
    if not intent.arguments:
        return does_not_apply("the command gives no options")
    return passed("The program has all options of the command.")


def _unknown(one: Unknown, *, is_newer: bool) -> Verdict:
    place = "the command" if one.kind == "option" else "its file of settings"
    proof = seen(f"{one.written} in {place}")
    if one.near is not None and one.typed and not is_newer:
        return failed(
            f"The program has no {one.kind} {one.written}, and stops at it.",
            proof,
            remedy=f"Write {text_word(one.near)}.",
        )
    meant = (
        f"Write {text_word(one.near)}, if that is meant"
        if one.near
        else f"Leave {text_word(one.written)} out"
    )
    return warned(
        f"No release that is known has the {one.kind} {one.written}: others stop at it.",
        proof,
        remedy=f"{meant}, unless your release or a plugin has it (--help lists what it has).",
    )


def _is_on(intent: Intent, variable: str) -> bool:
    return intent.variables.get(variable, "").lower() in ("1", "true", "y", "yes", "on")


def _is_newer(snapshot: Snapshot, intent: Intent) -> bool:
    """Say whether the engine is of a release whose options nobody read."""
    read = _READ.get(intent.engine or "")
    version = engine_version(snapshot.environment, intent)
    release = release_of(version, 2) if version is not None else None
    return read is not None and release is not None and release > read


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(outcome: Outcome, engine: str, *unknown: Unknown, says: str = "") -> Example:
        said = Argument(written="--port", name="port", value="8000")
        intent = Intent(engine=engine, arguments=(said,), unknown=unknown)
        return Example(outcome=outcome, snapshot=world(), intent=intent, says=says)

    slip = Unknown(kind="option", written="--max-modl-len", near="--max-model-len", typed=True)
    near = Unknown(kind="option", written="--max-lora", near="--max-loras")
    new = Unknown(kind="option", written="--brand-new")
    omni = Unknown(kind="option", written="--omni")
    key = Unknown(kind="setting", written="bogus_key")
    data = Unknown(kind="data set", written="mine")
    yield of(Outcome.FAIL, "vllm", slip, says="--max-modl-len, and stops")
    rate = Unknown(kind="option", written="--learning-rrate", near="--learning-rate", typed=True)
    yield of(Outcome.FAIL, "trl", rate, says="--learning-rrate")
    yield of(Outcome.SKIP, "transformers")
    yield of(Outcome.FAIL, "llama.cpp", new, slip)
    yield of(Outcome.WARN, "vllm", near)
    yield of(Outcome.WARN, "sglang", new, says="--brand-new")
    yield of(Outcome.WARN, "llama-factory", key, says="the setting bogus_key")
    yield of(Outcome.PASS, "llama-factory", data)
    passing = Intent(engine="llama-factory", unknown=(key,), variables={"ALLOW_EXTRA_ARGS": "1"})
    yield Example(outcome=Outcome.SKIP, snapshot=world(), intent=passing, says="does not apply")
    yield of(Outcome.PASS, "vllm")
    yield of(Outcome.SKIP, "vllm", omni, slip, says="vLLM-Omni")
    yield of(Outcome.SKIP, "axolotl", slip, says="does not apply")
    yield Example(outcome=Outcome.SKIP, snapshot=world(), intent=Intent(engine="ollama"))
