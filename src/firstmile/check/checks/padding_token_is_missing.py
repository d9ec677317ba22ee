"""The tokenizer has a padding token where texts are put into one batch.

Why: texts of unequal length need a filler. Llama, Mistral and GPT-2 define none, and
transformers then stops with "Asking to pad but the tokenizer does not have a padding token" or
"Cannot handle batch sizes > 1 if no padding token is defined" at the first batch. TRL takes the
end token instead, without asking.

Fix: name an unused token of the vocabulary as padding token (<|finetune_right_pad_id|> in Llama
3), or the unknown token; the end token only where the labels of padding are masked apart.
"""

from collections.abc import Iterator
from typing import Any, Final

from firstmile.check.intent import Action, Intent, Training
from firstmile.check.template_worlds import tokenizer
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
from firstmile.check.words_to_copy import python_text
from firstmile.check.worlds import folder, world
from firstmile.facts.model_folder.folder import AddedToken, ModelFolder
from firstmile.facts.model_folder.special_tokens import id_of, text_of
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="loading/tokenizer",
    cause="tokenizer/control-token",
    entries=("tokenizer-has-no-padding-token",),
    references=("https://huggingface.co/docs/transformers/main/en/pad_truncation",),
)
_CONFIG: Final = "tokenizer_config.json"
_SPARE: Final = ("<|finetune_right_pad_id|>", "<pad>", "[PAD]", "<|pad|>", "<|endoftext|>", "<unk>")


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look for a padding token where a batch is made by transformers itself."""
    falls_back = intent.engine == "trl"
    engines = (None, "transformers", "accelerate", "torchrun", "deepspeed", "trl")
    if intent.engine not in engines:
        return does_not_apply("this program pads by itself, or sets a token of its own")
    training = intent.training
    size = intent.batch_size or (training.per_device_batch_size if training else None)
    if not intent.trains and (size is None or size <= 1):
        return does_not_apply("no batch of several texts is asked for")
    if training is not None and (size == 1 or training.packing or training.padding_free):
        return does_not_apply("no text of a batch is padded in this training")
    model = snapshot.model
    if model is None:
        return not_known("the model's folder")
    if model.document(_CONFIG) is None:
        return not_known("the special tokens: the folder has no tokenizer_config.json")
    pad = text_of(model, "pad_token")
    if pad is not None:
        return passed(f"The padding token is {pad.value}.", seen(str(pad.value), file=pad.file))
    own = "auto_map" in (model.document(_CONFIG) or {})
    if falls_back and (text_of(model, "eos_token") is not None or not own):
        return does_not_apply("TRL pads with the end token where there is no other")
    spare = _spare(model)
    asked = f"batches of {size}" if size else "training in batches of several texts"
    message = "The tokenizer has no padding token, and a batch needs one"
    if intent.trains:
        message += ", unless the script sets it"
    say = warned if intent.trains else failed
    return say(
        f"{message}.",
        seen("it names no pad_token", file=_CONFIG),
        seen(asked),
        remedy='Name one when the tokenizer is made: from_pretrained(..., pad_token="<|endoftext|>"'
        ', eos_token="<|im_end|>"), two tokens that its vocabulary has.'
        if falls_back
        else f"Set tokenizer.pad_token = {python_text(spare)} and model.config.pad_token_id = "
        "tokenizer.pad_token_id before the first batch.",
    )


def _spare(model: ModelFolder) -> str:
    """Return a token that is there, is not the end token, and may serve as padding."""
    end = text_of(model, "eos_token")
    for token in _SPARE:
        if id_of(model, token) is not None and (end is None or end.value != token):
            return token
    return str(end.value) if end is not None else "<pad>"


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(pad: Any = None) -> Snapshot:
        spare = AddedToken(id=128004, content="<|finetune_right_pad_id|>", special=True)
        tree = {_CONFIG: {"eos_token": "</s>", "pad_token": pad}}
        return world(folder(documents=tree, tokenizer=tokenizer((spare,))))

    def tuning(engine: str | None, **settings: Any) -> Intent:
        return Intent(action=Action.FINE_TUNE, engine=engine, training=Training(**settings))

    four = tuning("transformers", per_device_batch_size=4)
    yield Example(outcome=Outcome.WARN, snapshot=of(), intent=four, says="no padding token")
    yield Example(outcome=Outcome.FAIL, snapshot=of(), intent=Intent(batch_size=8))
    yield Example(outcome=Outcome.PASS, snapshot=of("<pad>"), intent=four)
    yield Example(outcome=Outcome.PASS, snapshot=of({"content": "<pad>"}), intent=four)
    for engine in ("trl", "llama-factory"):
        other = tuning(engine, per_device_batch_size=4)
        yield Example(outcome=Outcome.SKIP, snapshot=of(), intent=other, says="does not apply")
    one = tuning("transformers", per_device_batch_size=1)
    yield Example(outcome=Outcome.SKIP, snapshot=of(), intent=one, says="does not apply")
    bare = {"auto_map": {"AutoTokenizer": ["tokenization_qwen.QWenTokenizer", None]}}
    qwen = world(folder(documents={_CONFIG: bare}))
    trl = tuning("trl", per_device_batch_size=4)
    yield Example(outcome=Outcome.WARN, snapshot=qwen, intent=trl, says="no padding token")
    packed = tuning("transformers", packing=True)
    yield Example(outcome=Outcome.SKIP, snapshot=of(), intent=packed, says="does not apply")
    yield Example(outcome=Outcome.SKIP, snapshot=of(), says="does not apply")
    yield Example(outcome=Outcome.SKIP, snapshot=world(folder()), intent=four, says="not known")
