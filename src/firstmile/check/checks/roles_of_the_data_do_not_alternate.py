"""The roles of conversations are ones that chat templates know, and take turns.

Why: many templates refuse two messages of one role in a row or a conversation that begins with the
assistant: "Conversation roles must alternate user/assistant/user/assistant". Others write an
unknown role as if it were any, and the model learns to speak in it. A conversation without an
answer of the assistant teaches nothing where the loss is taken on answers alone.

Fix: join messages of one role, rename roles to system, user, assistant and tool, and end each
conversation with an answer.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any, Final

from firstmile.check.intent import Dataset, Intent
from firstmile.check.training_sizes import training_in
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
from firstmile.check.worlds import world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="crash/value/value-error",
    cause="tokenizer/control-token",
    stage="fine-tuning",
    entries=("chat-template-refuses-the-order-or-role-of-messages",),
    references=("https://huggingface.co/docs/transformers/chat_templating",),
)
_ASKS: Final = frozenset(("user", "human"))
_ANSWERS: Final = frozenset(("assistant", "gpt", "chatgpt", "bing", "bard", "model"))
_OTHERS: Final = frozenset(
    ("system", "developer", "tool", "function", "observation", "function_call", "ipython",
     "tool_response", "tool_call")
)  # fmt: skip


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Walk over the roles of each file's first conversation."""
    training = training_in(intent)
    if isinstance(training, Verdict):
        return training
    if not training.datasets:
        return does_not_apply("the command names no data file")
    read = [each for each in training.datasets if each.roles]
    if not read:
        return not_known("the roles of the data, or it holds no conversations")
    for each in read:
        wrong = _wrong(each.roles)
        if wrong is None:
            continue
        told = seen(f"roles: {', '.join(each.roles[:12])}", file=each.path)
        unknown = set(each.roles) - _ASKS - _ANSWERS - _OTHERS
        tell = warned if unknown or intent.engine == "llama-factory" else failed
        tell = warned if "in a row" in wrong else tell
        return tell(
            f"In the first conversation of {each.path} {wrong}.",
            told,
            remedy="Let user and assistant take turns, after at most one system message.",
        )
    return passed("The roles of the conversations are known and take turns.")


def _wrong(roles: Sequence[str]) -> str | None:
    unknown = [each for each in roles if each not in _ASKS | _ANSWERS | _OTHERS]
    if unknown:
        return f"a message has the role {unknown[0]}, which templates do not know"
    if not any(each in _ANSWERS for each in roles):
        # The answer to a prompt may stand in a field of its own.
        return None
    turns = ["ask" if each in _ASKS else "answer" for each in roles if each not in _OTHERS]
    if any(each in _OTHERS and each not in ("system", "developer") for each in roles):
        return None
    if turns[0] == "answer":
        return "the assistant speaks first"
    if any(one == other for one, other in pairwise(turns)):
        return "one role has two messages in a row"
    return None


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(outcome: Outcome, *roles: str, **said: Any) -> Example:
        data = (Dataset(path="d.jsonl", form="jsonl", records=3, roles=roles),)
        return Example(outcome=outcome, snapshot=world(), intent=tuning(datasets=data, **said))

    yield of(Outcome.PASS, "system", "user", "assistant", "user", "assistant")
    yield of(Outcome.PASS, "human", "gpt")
    yield of(Outcome.FAIL, "assistant", "user", "assistant")
    yield of(Outcome.WARN, "user", "user", "assistant")
    yield of(Outcome.WARN, "question", "answer")
    yield of(Outcome.PASS, "user", "assistant", "tool", "assistant")
    yield of(Outcome.PASS, "system", "user")
    yield of(Outcome.SKIP)
    yield Example(outcome=Outcome.SKIP, snapshot=world(), intent=tuning())
