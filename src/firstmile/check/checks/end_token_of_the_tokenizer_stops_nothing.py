"""The tokenizer's end token is among the ids at which the configs let generation stop.

Why: a model learns to end a text with its tokenizer's end token. transformers stops at
`eos_token_id` of generation_config.json (of config.json where there is none). A model that was
tuned with other special tokens, or whose generation_config.json belongs to another model, writes
its end token and goes on to the limit.

Fix: put the id of the tokenizer's end token into `eos_token_id` of generation_config.json.
"""

from collections.abc import Iterator
from typing import Any, Final

from firstmile.check.chat_templates import after_the_answer, chosen
from firstmile.check.end_ids import with_end
from firstmile.check.intent import Action, Intent
from firstmile.check.template_worlds import chatml, template, tokenizer
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import (
    Verdict,
    does_not_apply,
    failed,
    not_known,
    passed,
    seen,
    stated,
)
from firstmile.check.worlds import LLAMA, folder, world
from firstmile.facts.model_folder.special_tokens import (
    id_of,
    ids_of_configs,
    stopping_ids,
    text_of,
)
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="incorrect/generation/special-token",
    cause="configuration/inference",
    stage="inference",
    entries=("tuned-model-never-writes-its-end-token",),
    references=("https://huggingface.co/docs/transformers/main_classes/text_generation",),
)
_ADDING: Final = ("vllm", "sglang", "llama.cpp", "ollama")
"""Engines that stop at the tokenizer's end token whatever the configs say."""


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Find the tokenizer's end token among the ids of the configs."""
    if intent.engine in _ADDING or intent.action in (Action.FINE_TUNE, Action.CONVERT):
        return does_not_apply("this run stops at the tokenizer's end token itself, or at none")
    model = snapshot.model
    if model is None:
        return not_known("the model's folder")
    end = text_of(model, "eos_token")
    if end is None:
        return does_not_apply("the tokenizer's files name no end token")
    found = chosen(model) if intent.chat_template is None else None
    after = after_the_answer(found) if found is not None else None
    if after is not None and after.lstrip().startswith(str(end.value)):
        return does_not_apply("the end token closes a turn, which another check looks at")
    id_ = id_of(model, str(end.value))
    if id_ is None:
        return not_known(f"the id of the end token {end.value}")
    stops = stopping_ids(model, "transformers")
    if not stops:
        return does_not_apply("neither config names an id that stops generation")
    proof = (
        seen(f"eos_token = {end.value}, which has the id {id_}", file=end.file),
        *(
            stated(file, "eos_token_id", list(ids))
            for file, ids in ids_of_configs(model, "eos_token_id").items()
        ),
    )
    if id_ in stops or id_ in intent.stop_ids:
        return passed(f"Generation stops at the end token {end.value} ({id_}).", *proof)
    return failed(
        f"Generation does not stop at the tokenizer's end token {end.value} ({id_}).",
        *proof,
        remedy=f'Put "eos_token_id": {with_end(stops, id_, model)} into generation_config.json.',
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(generation: Any, config: Any = 151643, end: str | None = "<|im_end|>") -> Snapshot:
        trees = {"tokenizer_config.json": {"eos_token": end}}
        if generation is not None:
            trees["generation_config.json"] = {"eos_token_id": generation}
        main = {**LLAMA, "eos_token_id": config}
        return world(folder(config=main, documents=trees, tokenizer=tokenizer()))

    yield Example(outcome=Outcome.FAIL, snapshot=of(151643), says="<|im_end|> (151645)")
    yield Example(outcome=Outcome.FAIL, snapshot=of(None))
    yield Example(outcome=Outcome.PASS, snapshot=of([151645, 151643]))
    yield Example(outcome=Outcome.PASS, snapshot=of(None, config=[151643, 151645]))
    yield Example(outcome=Outcome.PASS, snapshot=of(151645, config=1))
    chatting = folder(
        config=LLAMA,
        documents={"tokenizer_config.json": {"eos_token": "<|im_end|>"}},
        tokenizer=tokenizer(),
        templates=(template(chatml),),
    )
    yield Example(outcome=Outcome.SKIP, snapshot=world(chatting), says="does not apply")
    vllm = Intent(engine="vllm")
    yield Example(outcome=Outcome.SKIP, snapshot=of(1), intent=vllm, says="does not apply")
    yield Example(outcome=Outcome.SKIP, snapshot=of(1, end="<odd>"), says="not known")
    yield Example(outcome=Outcome.SKIP, snapshot=of(1, end=None), says="does not apply")
    yield Example(outcome=Outcome.SKIP, snapshot=of(None, config=None), says="does not apply")
