"""Meta's example scripts start with one process for each part of the checkpoint.

Why: a checkpoint of Meta is cut for a number of GPUs, its model-parallel size (MP): Llama 2 7B has
one part, 13B two, 70B eight, Code Llama 34B four, Llama 3 8B one and 70B eight. Each process loads
one part, and other numbers end in "Loading a checkpoint for MP=2 but world size is 1". A folder
without parts, such as one in the form of transformers, ends in "no checkpoint files found".

Fix: set --nproc_per_node to the number of consolidated.NN.pth files. With fewer GPUs take the model
in transformers' form, which is spread by device_map="auto".
"""

from collections.abc import Iterator
from typing import Final

from firstmile.check.counting import counted
from firstmile.check.intent import Intent, Parallel
from firstmile.check.meta_checkpoints import ENGINE, checkpoint, parts_of, processes_of
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, failed, not_known, passed, seen
from firstmile.check.weight_files import some
from firstmile.check.words_to_copy import file_word
from firstmile.check.worlds import LLAMA, file, folder, world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="loading/model/validation-failed",
    cause="distributed/model-parallelism",
    references=("https://github.com/meta-llama/llama/blob/main/README.md#inference",),
)


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Count the parts and the processes."""
    if intent.engine != ENGINE:
        return does_not_apply("no script of Meta's is started")
    model = snapshot.model
    if model is None:
        return not_known("the model's folder")
    why = model.why_not("files")
    if why is not None or not model.files:
        return not_known(f"the files of the model's folder{f': {why}' if why else ''}")
    parts = [each.path for each in parts_of(model)]
    if not parts:
        below = sorted(
            {
                each.path.rpartition("/")[0]
                for each in model.files
                if each.path.endswith(".pth") and "/" in each.path
            }
        )
        return failed(
            "The folder holds no part of a checkpoint (*.pth).",
            seen(
                f"{counted(len(model.files), 'file')}: {some([each.path for each in model.files])}"
            ),
            remedy=f"Name its folder {file_word(below[0])} as --ckpt_dir."
            if below
            else 'hf download OWNER/NAME --include "original/*" --local-dir FOLDER, and name '
            "FOLDER/original as --ckpt_dir.",
        )
    processes = processes_of(intent)
    proof = (seen(some(parts, 3)), seen(f"processes = {processes}"))
    if len(parts) == processes:
        return passed("There is a process for each part of the checkpoint.", *proof)
    return failed(
        f"The checkpoint has {len(parts)} {'part' if len(parts) == 1 else 'parts'}, and "
        f"{processes} {'process is' if processes == 1 else 'processes are'} started.",
        *proof,
        remedy=f"Start it by torchrun --nproc_per_node {len(parts)}; with another number of GPUs "
        "take the model in transformers' form.",
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def start(processes: int | None, nodes: int | None = None) -> Intent:
        return Intent(engine=ENGINE, parallel=Parallel(processes=processes, nodes=nodes))

    two = world(checkpoint(2))
    yield Example(outcome=Outcome.FAIL, snapshot=two, intent=start(1), says="2 parts")
    yield Example(outcome=Outcome.PASS, snapshot=two, intent=start(2))
    yield Example(outcome=Outcome.PASS, snapshot=two, intent=start(1, 2))
    yield Example(
        outcome=Outcome.FAIL, snapshot=world(checkpoint(1)), intent=start(4), says="1 part,"
    )
    yield Example(outcome=Outcome.PASS, snapshot=world(checkpoint(1)), intent=start(None))
    hub = folder(config=LLAMA, files=[file("original/consolidated.00.pth")])
    yield Example(outcome=Outcome.FAIL, snapshot=world(hub), intent=start(1), says="no part")
    other = Intent(engine="transformers")
    yield Example(outcome=Outcome.SKIP, snapshot=two, intent=other, says="does not apply")
    yield Example(outcome=Outcome.SKIP, snapshot=world(), intent=start(1), says="not known")
