"""The ids of start, end and padding token in the configs lie within the vocabulary.

Why: the padding id of config.json becomes the padding row of the embedding, and one beyond its
rows stops loading with "Padding_idx must be within num_embeddings". An end id beyond the
vocabulary is never written, so that generation runs to its limit. Both come from a config whose
vocabulary was changed by hand or whose ids belong to another model.

Fix: take the ids from the tokenizer; `tokenizer.convert_tokens_to_ids` names them.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from firstmile.check.counting import counted
from firstmile.check.intent import Intent
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import (
    Verdict,
    does_not_apply,
    failed,
    not_known,
    passed,
    stated,
    warned,
)
from firstmile.check.worlds import LLAMA, folder, world
from firstmile.facts.model_folder.architecture import read_architecture
from firstmile.facts.model_folder.special_tokens import ids_of_configs
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="loading/model/validation-failed",
    cause="tokenizer/control-token",
    entries=("token-id-is-outside-the-embedding-on-the-cpu",),
    references=("https://docs.pytorch.org/docs/stable/generated/torch.nn.Embedding.html",),
)
_GENERATION: Final = "generation_config.json"


def judge(snapshot: Snapshot, intent: Intent) -> Verdict | Sequence[Verdict]:
    """Hold each id against the number of rows that the config states."""
    model = snapshot.model
    if model is None or model.config is None:
        return not_known("the config of the model")
    rows = read_architecture(model.config).vocabulary
    if rows is None:
        return does_not_apply("the config states no size of the vocabulary")
    size = stated("config.json", "vocab_size", rows)
    found: list[Verdict] = []
    seen_ids = 0
    for key in ("pad_token_id", "eos_token_id", "bos_token_id"):
        for file, ids in ids_of_configs(model, key).items():
            seen_ids += len(ids)
            beyond = [one for one in ids if one >= rows]
            if not beyond:
                continue
            fatal = key == "pad_token_id" and file == "config.json"
            useless = key == "eos_token_id" and len(beyond) == len(ids)
            say = failed if fatal or useless else warned
            found.append(
                say(
                    f"The {key} {beyond[0]} lies outside the vocabulary of {rows:,}.",
                    stated(file, key, list(ids)),
                    size,
                    remedy=f"Set {key} in {file} to the id that the tokenizer gives the token.",
                )
            )
    if found:
        return found
    if not seen_ids:
        return does_not_apply("the configs name no ids of special tokens")
    return passed(
        f"Each of {counted(seen_ids, 'id')} lies within the vocabulary of {rows:,}.", size
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(generation: Any = None, **ids: Any) -> Snapshot:
        trees = {} if generation is None else {_GENERATION: generation}
        return world(folder(config={**LLAMA, **ids}, documents=trees))

    yield Example(outcome=Outcome.PASS, snapshot=of())
    yield Example(outcome=Outcome.PASS, snapshot=of(pad_token_id=-1))
    yield Example(outcome=Outcome.PASS, snapshot=of(pad_token_id=128255))
    yield Example(outcome=Outcome.FAIL, snapshot=of(pad_token_id=128256), says="128256")
    yield Example(outcome=Outcome.FAIL, snapshot=of({"eos_token_id": 151645}), says="151645")
    yield Example(outcome=Outcome.WARN, snapshot=of({"eos_token_id": [128001, 151645]}))
    bare = of(bos_token_id=None, eos_token_id=None)
    yield Example(outcome=Outcome.SKIP, snapshot=bare, says="does not apply")
    yield Example(outcome=Outcome.SKIP, snapshot=of(vocab_size=None), says="does not apply")
    yield Example(outcome=Outcome.SKIP, snapshot=world(), says="not known")
