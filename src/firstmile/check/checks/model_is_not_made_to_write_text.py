"""A model that is to write text is a generative one, not one for embeddings or scores.

Why: models for embeddings, for classes and for rewards have another head than one that writes.
transformers puts a random head on them and writes noise ("Some weights were newly initialized");
vLLM serves them as what they are, and answers chat requests with "does not support Chat
Completions API".

Fix: take the generative model of the family, or ask the server for embeddings or scores.
"""

from collections.abc import Iterator
from typing import Any, Final

from msgspec.structs import replace

from firstmile.check.intent import Action, Argument, Intent
from firstmile.check.model_sizes import (
    config_of,
    model_of,
    unknown_config,
    written,
)
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import (
    Verdict,
    does_not_apply,
    failed,
    not_known,
    passed,
    seen,
    stated,
    warned,
)
from firstmile.check.worlds import LLAMA, file, folder, world
from firstmile.facts.model_folder.architecture import read_architecture
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="incorrect/generation/meaningless",
    cause="configuration/inference",
    stage="inference",
    entries=(
        "auto-class-does-not-hold-this-kind-of-model",
        "weights-were-left-random-while-loading",
    ),
    references=("https://docs.vllm.ai/en/stable/models/pooling_models/",),
)
_ENDINGS: Final = {
    "ForSequenceClassification": "classes or scores",
    "ForRewardModeling": "rewards",
    "RewardModel": "rewards",
    "ForTokenClassification": "classes of tokens",
    "ForQuestionAnswering": "places in a text",
    "ForMaskedLM": "masked words",
    "EmbeddingModel": "embeddings",
    "BertModel": "embeddings",
    "RobertaModel": "embeddings",
}
_POOLING: Final = ("pooling", "embed", "embedding", "classify", "score", "reward")


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look at what the architecture, and files of sentence-transformers, say it is for."""
    if intent.action not in (Action.GENERATE, Action.SERVE):
        return does_not_apply("nothing is to be written")
    config = config_of(snapshot)
    model = model_of(snapshot)
    if config is None or model is None:
        return unknown_config()
    names = read_architecture(config).names
    if not names:
        return not_known("the architecture, which the config does not name")
    use = next((said for end, said in _ENDINGS.items() if names[0].endswith(end)), None)
    quote = stated("config.json", "architectures", list(names))
    if use is None and model.file("1_Pooling/config.json") is not None:
        use = "embeddings"
        quote = seen("the folder has a pooling layer", file="1_Pooling/config.json")
    if use is None:
        return passed("The model is made to write.", quote)
    asked = (written(intent, "runner", "task") or "").lower()
    if asked in _POOLING or written(intent, "is_embedding", "embedding", "embeddings") is not None:
        return passed(f"The model is asked for what it is made for: {use}.", quote)
    remedy = "Take the generative model of the family, or ask for embeddings (--runner pooling)."
    said = f"The model is made for {use}, not to write text."
    chats = intent.tool_parser or intent.reasoning_parser or intent.chat_template
    if intent.action is Action.GENERATE or asked == "generate" or chats:
        return failed(said, quote, remedy=remedy)
    return warned(said, quote, remedy=remedy)


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(name: str, **parts: Any) -> Snapshot:
        return world(folder(config={**LLAMA, "architectures": [name]}, **parts))

    run = Intent(action=Action.GENERATE, engine="transformers")
    serve = Intent(action=Action.SERVE, engine="vllm")
    scores = of("LlamaForSequenceClassification")
    yield Example(outcome=Outcome.FAIL, snapshot=scores, intent=run, says="scores")
    yield Example(outcome=Outcome.WARN, snapshot=scores, intent=serve)
    chat = replace(serve, tool_parser="hermes")
    yield Example(outcome=Outcome.FAIL, snapshot=scores, intent=chat)
    pooling = Argument(written="--runner", name="runner", value="pooling")
    yield Example(
        outcome=Outcome.PASS, snapshot=scores, intent=replace(serve, arguments=(pooling,))
    )
    embeds = of("Qwen3ForCausalLM", files=[file("1_Pooling/config.json", looks="json")])
    yield Example(outcome=Outcome.WARN, snapshot=embeds, intent=serve, says="embeddings")
    yield Example(outcome=Outcome.PASS, snapshot=of("LlamaForCausalLM"), intent=serve)
    vision = of("Qwen2_5_VLForConditionalGeneration")
    yield Example(outcome=Outcome.PASS, snapshot=vision, intent=run)
    yield Example(outcome=Outcome.SKIP, snapshot=scores, says="does not apply")
    yield Example(outcome=Outcome.SKIP, snapshot=world(), intent=run, says="not known")
