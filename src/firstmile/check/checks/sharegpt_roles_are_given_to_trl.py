"""Conversations that TRL trains on call the speakers user and assistant.

Why: ShareGPT's data says human and gpt, under from and value. TRL before 0.16 stops at it
(KeyError). Later releases rename from and value, but leave human and gpt as they are: the template
writes them as roles that the model never meets again when it is asked as user, and the tuned model
seems to have learnt nothing.

Fix: rewrite human to user and gpt to assistant before the training.
"""

from collections.abc import Iterator
from typing import Any, Final

from firstmile.check.intent import Dataset, Intent
from firstmile.check.training_sizes import release_here, training_in
from firstmile.check.training_worlds import tuning
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
from firstmile.check.worlds import machine, world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="incorrect/fine-tuning/convergence",
    cause="configuration/fine-tuning",
    stage="fine-tuning",
    references=("https://huggingface.co/docs/trl/dataset_formats",),
)
_SHAREGPT: Final = frozenset(("human", "gpt", "chatgpt", "bing", "bard"))


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look for ShareGPT's names among the roles."""
    training = training_in(intent)
    if isinstance(training, Verdict):
        return training
    if intent.engine != "trl":
        return does_not_apply("TRL does not read the data")
    read = [each for each in training.datasets if each.roles]
    if not read:
        return not_known("the roles of the data, or it holds no conversations")
    for each in read:
        found = sorted(_SHAREGPT & set(each.roles))
        if found:
            release = release_here(snapshot, "trl")
            tell = failed if release is not None and release < (0, 16) else warned
            return tell(
                f"The conversations of {each.path} are told by {' and '.join(found)}, as "
                "ShareGPT has them.",
                seen(f"roles: {', '.join(each.roles[:8])}", file=each.path),
                remedy="Rename the roles: human to user, gpt to assistant; from to role, value "
                "to content, conversations to messages.",
            )
    return passed("The conversations have roles as chat templates know them.")


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(outcome: Outcome, trl: str, *roles: str, engine: str = "trl") -> Example:
        data: Any = (
            Dataset(path="d.json", form="json", records=4, keys=("conversations",), roles=roles),
        )
        here = machine(packages={"trl": trl})
        intent = tuning(engine=engine, datasets=data)
        return Example(outcome=outcome, snapshot=world(None, here), intent=intent)

    yield of(Outcome.WARN, "0.24.0", "human", "gpt")
    yield of(Outcome.FAIL, "0.12.0", "human", "gpt")
    yield of(Outcome.PASS, "0.24.0", "system", "user", "assistant")
    yield of(Outcome.SKIP, "0.24.0", "human", "gpt", engine="llama-factory")
    yield of(Outcome.SKIP, "0.24.0")
