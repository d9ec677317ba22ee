"""Scripts, settings files, and what of the model's own folder the command names, are there.

Why: Python, a launcher or an engine opens its script and its settings first, and stops at once:
"can't open file", "No such file or directory", "The passed configuration file does not exist". In
a job that waited for its turn that comes hours later, and on all machines.

Fix: correct the name, or start the command in the folder from which its paths lead.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from firstmile.check.intent import Intent, NamedFile
from firstmile.check.unit import About, Example
from firstmile.check.unlisted import unlisted
from firstmile.check.verdicts import Verdict, does_not_apply, failed, not_known, passed, seen
from firstmile.check.words_to_copy import text_word
from firstmile.check.worlds import LLAMA, file, folder, world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="crash/other",
    cause="api/call-parameter",
    references=(
        "https://docs.python.org/3/using/cmdline.html",
        "https://huggingface.co/docs/accelerate/package_reference/cli",
    ),
)
_MOST: Final = 5
"""Missing files that are told each."""


def judge(snapshot: Snapshot, intent: Intent) -> Verdict | Sequence[Verdict]:
    """Name each file that was looked for and is not there."""
    missing = tuple(dict.fromkeys(one for one in intent.files if not one.is_there))
    unseen = [
        one for one in unlisted(snapshot, intent) if one not in {each.path for each in missing}
    ]
    if missing or unseen:
        found = [*(_missing(one) for one in missing), *(_unlisted(one) for one in unseen)]
        return found[:_MOST]
    if intent.files:
        text = "The files that the command names are there."
        return passed(text, *(seen("it is there", file=one.path) for one in intent.files[:_MOST]))
    if intent.script is not None and intent.script.endswith(".py"):
        return not_known(f"the place that {intent.script} is looked for at")
    return does_not_apply("the command names no script and no file of settings")


def _missing(one: NamedFile) -> Verdict:
    return failed(
        f"The command names {one.path}, which is not there.",
        seen("no such file", file=one.path),
        remedy=f"Name the file that is meant: beside it {_beside(one.alike)}."
        if one.alike
        else "Correct the path, or start the command in the folder from which it leads.",
    )


def _unlisted(path: str) -> Verdict:
    return failed(
        f"The command names {path}, which is not in the model's folder.",
        seen("not among the files that are listed of the folder", file=path),
        remedy="Correct the path, or copy what it names there.",
    )


def _beside(names: Sequence[str]) -> str:
    return f"{'lies' if len(names) == 1 else 'lie'} {' and '.join(map(text_word, names))}"


def examples() -> Iterator[Example]:
    """Yield worked examples."""
    script = NamedFile(path="train.py", is_there=True)
    lost = NamedFile(path="conf/sft.yml", is_there=False, alike=("conf/sft.yaml",))
    here = world()
    yield Example(outcome=Outcome.PASS, snapshot=here, intent=Intent(files=(script,)))
    both = Intent(script="train.py", files=(script, lost))
    yield Example(outcome=Outcome.FAIL, snapshot=here, intent=both, says="conf/sft.yml")
    alone = Intent(files=(NamedFile(path="nope.py", is_there=False),))
    yield Example(outcome=Outcome.FAIL, snapshot=here, intent=alone)
    inside = Intent(script="/workspace/train.py")
    yield Example(outcome=Outcome.SKIP, snapshot=here, intent=inside, says="not known")
    listed = world(folder(config=LLAMA, files=[file("a/adapter_config.json")]))
    served = Intent(engine="vllm", model="./m", adapters=("./m/a", "./b", "owner/name"))
    yield Example(outcome=Outcome.SKIP, snapshot=listed, intent=served, says="does not apply")
    lacks = Intent(engine="vllm", model="./m", adapters=("m/b",), tokenizer="./m/tok")
    yield Example(outcome=Outcome.FAIL, snapshot=listed, intent=lacks, says="m/tok, which is not")
    server = Intent(engine="vllm", script="vllm.entrypoints.openai.api_server")
    yield Example(outcome=Outcome.SKIP, snapshot=here, intent=server, says="does not apply")
