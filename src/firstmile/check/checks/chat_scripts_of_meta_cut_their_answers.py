"""Meta's chat scripts make room for as long answers as the model can give.

Why: the example scripts of Llama and Code Llama take prompt and answer together up to max_seq_len,
which is 512 (Code Llama's: 256) unless the command says otherwise. Longer answers stop in the
middle of a sentence, without a word, though the model was trained on 4,096 tokens and more.

Fix: --max_seq_len 4096 for Llama 2, 8192 for Llama 3, as far as the GPU's memory goes.
"""

import re
from collections.abc import Iterator
from typing import Final

from firstmile.check.command import program_of
from firstmile.check.intent import Action, Intent
from firstmile.check.meta_checkpoints import ENGINE, LENGTH
from firstmile.check.training_worlds import started_by
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, passed, seen, warned
from firstmile.check.worlds import world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="incorrect/generation/incomplete",
    cause="configuration/inference",
    stage="inference",
    references=(
        "https://github.com/meta-llama/llama/blob/main/example_chat_completion.py",
        "https://github.com/meta-llama/llama/blob/main/llama/generation.py",
    ),
)
_CHATTING: Final = re.compile(r"(?:chat|instruct)[^/\s]*\.py")
"""Scripts that answer; those that complete texts state how long the completion is."""


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look at the length that prompt and answer share."""
    if intent.engine != ENGINE:
        return does_not_apply("no script of Meta's is started")
    if _CHATTING.search(program_of(intent.script or "")) is None:
        return does_not_apply("the script is not one that answers")
    if intent.sampling.max_new_tokens is not None:
        return does_not_apply("the command says how long answers are")
    length = intent.context or LENGTH
    proof = seen(
        f"max_seq_len = {length}" if intent.context else f"max_seq_len is not said: {LENGTH}"
    )
    if length > LENGTH:
        return passed("Prompt and answer have more room than by default.", proof)
    return warned(
        f"Answers are cut where prompt and answer reach {length} tokens together.",
        proof,
        remedy="Say --max_seq_len 4096 (Llama 3: 8192), as far as memory goes.",
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(
        outcome: Outcome, script: str, context: int | None = None, engine: str = ENGINE
    ) -> Example:
        command = f"torchrun --nproc_per_node 1 {script} --ckpt_dir m --tokenizer_path t"
        intent = Intent(
            action=Action.GENERATE, engine=engine, context=context, **started_by(command)
        )
        return Example(outcome=outcome, snapshot=world(), intent=intent)

    yield of(Outcome.WARN, "example_chat_completion.py")
    yield of(Outcome.WARN, "example_instructions.py", 192)
    yield of(Outcome.PASS, "example_chat_completion.py", 4096)
    yield of(Outcome.SKIP, "example_text_completion.py", 128)
    yield of(Outcome.SKIP, "my_chat.py", engine="transformers")
