"""Keys and values of earlier tokens are kept while a model generates.

Why: training with gradient checkpointing sets use_cache to false, and who saves the model saves
that too. transformers then reads the whole text anew for each token: the answers are the same,
ten to a hundred times slower. The setting of generation_config.json counts; that of config.json
where there is no such file.

Fix: set use_cache to true in the file, or pass use_cache=True to generate.
"""

from collections.abc import Iterator
from typing import Final

from firstmile.check.intent import Action, Intent
from firstmile.check.model_sizes import (
    config_of,
    generation_config_of,
    unknown_config,
)
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, passed, stated, warned
from firstmile.check.worlds import LLAMA, folder, world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="slow/inference",
    cause="configuration/inference",
    stage="inference",
    references=("https://huggingface.co/docs/transformers/main_classes/text_generation",),
)


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look for the setting in the file that counts."""
    if intent.trains:
        return does_not_apply("nothing is generated")
    if intent.engine not in (None, "transformers"):
        return does_not_apply("the engine keeps them whatever the files say")
    config = config_of(snapshot)
    if config is None:
        return unknown_config()
    generation = generation_config_of(snapshot)
    file, tree = ("config.json", config)
    if generation is not None:
        file, tree = ("generation_config.json", generation)
    quote = stated(file, "use_cache", tree.get("use_cache"))
    if tree.get("use_cache") is False:
        return warned(
            "Keys and values are not kept: the whole text is read anew for each token.",
            quote,
            remedy=f"Set use_cache to true in {file}.",
        )
    return passed("Keys and values are kept.", quote)


def examples() -> Iterator[Example]:
    """Yield worked examples."""
    off = {**LLAMA, "use_cache": False}
    yield Example(outcome=Outcome.WARN, snapshot=world(folder(config=off)), says="anew")
    with_file = folder(config=off, documents={"generation_config.json": {"eos_token_id": 2}})
    yield Example(outcome=Outcome.PASS, snapshot=world(with_file))
    saved = folder(config=LLAMA, documents={"generation_config.json": {"use_cache": False}})
    yield Example(outcome=Outcome.WARN, snapshot=world(saved), says="not kept")
    yield Example(outcome=Outcome.PASS, snapshot=world(folder(config=LLAMA)))
    vllm = Intent(engine="vllm")
    yield Example(outcome=Outcome.SKIP, snapshot=world(folder(config=off)), intent=vllm)
    tune = Intent(action=Action.FINE_TUNE, engine="transformers")
    yield Example(outcome=Outcome.SKIP, snapshot=world(folder(config=off)), intent=tune)
    yield Example(outcome=Outcome.SKIP, snapshot=world(), says="not known")
