"""A script takes the options that the command gives it, and is given those that it requires.

Why: a parser of options (argparse, HfArgumentParser) ends the run at the first line that asks it,
where an option is missing that it requires, where it has none of that name, or where a value is
not of the kind or among the choices that it takes: "the following arguments are required",
"unrecognized arguments". Under torchrun or accelerate each process ends so, and what is left is a
ChildFailedError. The launchers deepspeed and torch.distributed.launch add an option by themselves,
--local_rank or --local-rank. Only parsers whose options are all literals of the script are judged.

Fix: give the option that is missing, by the name that the script has for it; python SCRIPT --help
lists all of them.
"""

from collections.abc import Iterator
from typing import Any, Final

from firstmile.check.command import parted
from firstmile.check.flags import is_flag
from firstmile.check.intent import Intent, OwnOptions
from firstmile.check.releases import release_of
from firstmile.check.unit import About, Example
from firstmile.check.unknown_words import unknown
from firstmile.check.verdicts import Verdict, does_not_apply, failed, passed, seen
from firstmile.check.words_to_copy import text_word
from firstmile.check.worlds import machine, world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="loading/model/validation-failed",
    cause="api/call-parameter",
    references=(
        "https://docs.python.org/3/library/argparse.html",
        "https://huggingface.co/docs/transformers/internal/trainer_utils",
    ),
)
_WITHOUT: Final = {
    "deepspeed": "Say --no_local_rank before the script",
    "torchrun": "Start it by torchrun, and read the rank from the variable LOCAL_RANK",
}
"""How a launcher adds nothing to a script's words."""
_MOST: Final = 5
"""Options that are named each."""


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Tell what the script's own parser says to the words."""
    own = intent.own_options
    if own is None:
        return does_not_apply("no script is started whose own options are all known")
    proof = seen(own.where)
    if own.missing:
        return failed(
            f"The script requires {_listed(own.missing)}, and ends at once without.",
            proof,
            remedy=f"Add {' and '.join(_with_a_value(each) for each in own.missing[:_MOST])}.",
        )
    if own.unknown:
        wrong = tuple(each for each in own.unknown if is_flag(each)) or own.unknown
        return failed(
            f"The script has no option for {_listed(wrong)}, and ends at once.",
            proof,
            remedy=_meant(wrong[0], own),
        )
    if own.refuses:
        return failed(
            f"The script ends at once: {own.refuses}.",
            proof,
            remedy="Give it a value that it takes; --help lists them.",
        )
    added = _added_by_the_launcher(snapshot, intent)
    if added is not None and own.known and not any(one.startswith(added) for one in own.known):
        other = added.replace("_", "-") if "_" in added else added.replace("-rank", "_rank")
        beside = f", beside {other}" if other in own.known else ""
        return failed(
            f"The launcher gives the script {added}, for which it has no option: it ends at once.",
            proof,
            seen(f"launcher = {intent.launcher}"),
            remedy=f"{_WITHOUT[intent.launcher or '']}, or let the parser take {added}{beside}.",
        )
    return passed("The script is given what it requires, and nothing that it refuses.", proof)


def _added_by_the_launcher(snapshot: Snapshot, intent: Intent) -> str | None:
    """Return the option that a launcher adds to the script's words; None where it adds none.

    deepspeed/launcher/launch.py, and config_from_args in torch/distributed/run.py.
    """
    words = parted(intent.command or "")
    if intent.launcher == "deepspeed":
        # Those of MPI and Slurm start the script without launch.py.
        others = ("--no_local_rank", "--launcher")
        return None if any(one.startswith(others) for one in words) else "--local_rank"
    if intent.launcher != "torchrun" or "torch.distributed.launch" not in words:
        return None
    if {"--use_env", "--use-env"} & set(words):
        return None
    python = snapshot.environment.python if snapshot.environment is not None else None
    release = release_of((python.version_of("torch") if python is not None else None) or "")
    return None if release is None else "--local-rank" if release >= (2,) else "--local_rank"


def _listed(names: tuple[str, ...]) -> str:
    more = f" and {len(names) - _MOST} more" if len(names) > _MOST else ""
    return f"{', '.join(names[:_MOST])}{more}"


def _with_a_value(name: str) -> str:
    return f"{text_word(name)} VALUE" if name.startswith("-") else f"a word for {text_word(name)}"


def _meant(word: str, own: OwnOptions) -> str:
    name = word.partition("=")[0]
    near = unknown("option", name, own.known).near if name.startswith("-") else None
    if near is not None:
        return f"Write {text_word(near)}, if that is meant."
    return f"Leave {text_word(name)} out; --help lists what the script has."


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(
        outcome: Outcome, says: str = "", by: str = "", torch: str = "2.6.0", **said: Any
    ) -> Example:
        own = OwnOptions(where="parser.parse_args() in line 9 of lora.py", **said)
        launcher = "deepspeed" if by.startswith("deepspeed") else "torchrun" if by else None
        intent = Intent(own_options=own, launcher=launcher, command=f"{by} lora.py".strip())
        there = world(environment=machine(packages={"torch": torch}))
        return Example(outcome=outcome, snapshot=there, intent=intent, says=says)

    yield of(Outcome.FAIL, missing=("--model", "data"), says="requires --model, data")
    yield of(Outcome.FAIL, unknown=("--lr_rate", "3"), known=("--lr",), says="--lr_rate")
    yield of(Outcome.FAIL, unknown=("--lorra_r=8",), known=("--lora_r",), says="--lorra_r=8")
    yield of(Outcome.FAIL, unknown=("data.json",))
    yield of(Outcome.FAIL, refuses="argument --epochs: invalid int value: '1e3'", says="1e3")
    yield of(Outcome.PASS)
    rank, dashed, launch = "--local_rank", "--local-rank", "python -m torch.distributed.launch"
    yield of(Outcome.FAIL, by="deepspeed --num_gpus 2", known=("--lr",), says=rank)
    yield of(Outcome.PASS, by="deepspeed --no_local_rank", known=("--lr",))
    yield of(Outcome.PASS, by="deepspeed --launcher slurm", known=("--lr",))
    yield of(Outcome.PASS, by="deepspeed", known=("--lr", rank))
    yield of(Outcome.PASS, by="deepspeed")
    yield of(Outcome.FAIL, by=launch, known=("--lr", rank), says=dashed)
    yield of(Outcome.PASS, by=launch, torch="1.13.1", known=("--lr", rank))
    yield of(Outcome.PASS, by=f"{launch} --use-env", known=("--lr",))
    yield of(Outcome.PASS, by="torchrun", known=("--lr",))
    yield Example(outcome=Outcome.SKIP, snapshot=world(), intent=Intent(engine="vllm"))
