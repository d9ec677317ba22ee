"""The folder holds the files of its tokenizer.

Why: a model reads ids, and only its tokenizer turns text into them. A folder to which weights and
config were copied alone, or a checkpoint that a trainer saved without `processing_class`, has
none. transformers then says "Can't load tokenizer for ..." or "Unable to load vocabulary from
file", engines stop while they start.

Fix: copy the tokenizer's files of the very model that this one was made from beside its weights
(tokenizer.json, tokenizer_config.json, tokenizer.model, chat_template.jinja), or name its folder
in the command.
"""

from collections.abc import Iterator
from typing import Final

from firstmile.check.counting import counted
from firstmile.check.intent import Action, Intent
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, failed, not_known, passed, seen
from firstmile.check.worlds import LLAMA, file, folder, world
from firstmile.facts.model_folder.architecture import read_architecture
from firstmile.facts.model_folder.tokenizer_file import is_tokenizer_file
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="loading/tokenizer",
    cause="tokenizer/file",
    entries=("tokenizer-model-file-is-missing",),
    references=("https://huggingface.co/docs/transformers/main/en/fast_tokenizers",),
)
_OF_TEXT: Final = ("ForCausalLM", "LMHeadModel", "ForConditionalGeneration")
_FLAGS: Final = {"vllm": "--tokenizer", "sglang": "--tokenizer-path"}


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look for any file that states a vocabulary."""
    model = snapshot.model
    if intent.tokenizer is not None:
        return does_not_apply("the command names a tokenizer of its own")
    if intent.action is Action.CONVERT or (model is not None and model.kind != "transformers"):
        return does_not_apply("this is no folder of transformers that text is put into")
    if model is None or not model.files:
        return not_known("the files of the model")
    found = [each.path for each in model.files if is_tokenizer_file(each.path)]
    if found:
        return passed("The tokenizer's files are there.", seen(", ".join(found)))
    names = read_architecture(model.config or {}).names
    if not any(name.endswith(_OF_TEXT) for name in names):
        return does_not_apply("the config names no model that writes text")
    if any(each.path.endswith(".py") and "token" in each.path for each in model.files):
        return not_known("what the tokenizer of the folder's own code reads")
    flag = _FLAGS.get(intent.engine or "")
    also = f", or name its folder by {flag}" if flag else ""
    return failed(
        "The folder holds no tokenizer: no tokenizer.json, tokenizer.model, vocab.json or such.",
        seen(f"{counted(len(model.files), 'file')}, none of which states a vocabulary"),
        seen(f"architectures = {', '.join(names)}", file="config.json"),
        remedy="Copy tokenizer.json, tokenizer_config.json, special_tokens_map.json (and "
        "tokenizer.model, chat_template.jinja where there are such) of the model that this one "
        f"was made from into the folder{also}.",
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""
    bare = folder(config=LLAMA)
    yield Example(outcome=Outcome.FAIL, snapshot=world(bare), says="no tokenizer")
    yield Example(
        outcome=Outcome.SKIP,
        snapshot=world(bare),
        intent=Intent(tokenizer="elsewhere"),
        says="does not apply",
    )
    for name in ("tokenizer.json", "tekken.json", "qwen.tiktoken", "tokenizer.model.v3"):
        whole = folder(config=LLAMA, files=[file(name)])
        yield Example(outcome=Outcome.PASS, snapshot=world(whole))
    own = folder(config=LLAMA, files=[file("tokenization_own.py")])
    yield Example(outcome=Outcome.SKIP, snapshot=world(own), says="not known")
    adapter = folder(documents={"adapter_config.json": {}}, kind="adapter")
    yield Example(outcome=Outcome.SKIP, snapshot=world(adapter), says="does not apply")
    seeing = folder(config={**LLAMA, "architectures": ["ViTModel"]})
    yield Example(outcome=Outcome.SKIP, snapshot=world(seeing), says="does not apply")
