"""AutoPeftModel loads an adapter whose rows are as many as the tokenizer beside it has.

Why: before PEFT 0.15, AutoPeftModelForCausalLM makes the base as long as a tokenizer that lies in
the adapter's folder. Where the adapter brings rows of its own for all of the base's vocabulary,
which is often padded (Qwen2.5: 151,936 rows for 151,665 tokens), they no longer fit: "size mismatch
for lm_head".

Fix: pip install -U "peft>=0.15"; or load the base by AutoModelForCausalLM, and the adapter on it by
PeftModel.from_pretrained(base, ADAPTER).
"""

from collections.abc import Iterator
from typing import Any, Final

from firstmile.check.adapters import CONFIG, WEIGHTS
from firstmile.check.installed import (
    installed,
    installed_release,
    package_of,
)
from firstmile.check.intent import Action, Argument, Intent
from firstmile.check.machine_worlds import computer, package
from firstmile.check.template_worlds import tokenizer
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, failed, not_known, passed, seen
from firstmile.check.worlds import file, folder, shard, world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="loading/model/validation-failed",
    cause="api/call-sequence",
    references=(
        "https://github.com/huggingface/peft/blob/v0.14.0/src/peft/auto.py",
        "https://github.com/huggingface/peft/blob/v0.15.0/src/peft/auto.py",
    ),
)
_CALL: Final = "AutoPeftModel"
_TOKENIZER: Final = "tokenizer_config.json"
_LENIENT: Final = (0, 15)
"""The first release that only makes a base larger (0.14 still makes it smaller)."""
_ROWS: Final = ("lm_head.weight", "embed_tokens.weight")


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Hold the adapter's rows for the vocabulary against the tokenizer in its folder."""
    call = next((each for each in intent.arguments if each.name == _CALL), None)
    if call is None:
        return does_not_apply("no script is read that loads by AutoPeftModel")
    model = snapshot.model
    if model is None:
        return not_known("the adapter's folder")
    if model.kind != "adapter":
        return does_not_apply("the model is no adapter")
    if model.file(_TOKENIZER) is None:
        return passed("No tokenizer lies beside the adapter, so that nothing is resized.")
    if model.tokenizer is None or model.tokenizer.size is None:
        return not_known("the length of the tokenizer")
    rows = [each for one in model.shards for each in one.tensors if each.name.endswith(_ROWS)]
    if not rows:
        return passed("The adapter brings no rows of the vocabulary.", seen(call.written))
    length = model.tokenizer.size
    proof = (
        seen(call.written),
        seen(f"{rows[0].name}: {list(rows[0].shape)}", file=WEIGHTS),
        seen(f"{length:,} tokens", file=model.tokenizer.path),
    )
    if all(each.shape[:1] == (length,) for each in rows):
        return passed("The rows are as many as the tokenizer has.", *proof)
    peft = package_of(snapshot, "peft")
    release = installed_release(snapshot, "peft")
    if peft is None or release is None:
        return not_known("the installed PEFT")
    if release >= _LENIENT:
        return passed("This PEFT makes no base smaller.", *proof, installed(peft))
    return failed(
        f"The base is resized to {length:,} rows, and the adapter brings {rows[0].shape[0]:,}.",
        *proof,
        installed(peft),
        remedy='pip install -U "peft>=0.15", or load the base by AutoModelForCausalLM, and the '
        "adapter by PeftModel.from_pretrained(base, ADAPTER).",
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(rows: int | None, *, beside: bool = True, peft: str = "0.14.0") -> Snapshot:
        tensors: dict[str, Any] = {"base_model.model.lora_A.weight": ("F32", (8, 64))}
        if rows is not None:
            tensors["base_model.model.lm_head.weight"] = ("F32", (rows, 64))
        made = folder(
            kind="adapter",
            documents={CONFIG: {"peft_type": "LORA"}},
            files=[file(_TOKENIZER)] if beside else [],
            shards=[shard(tensors, path=WEIGHTS)],
            tokenizer=tokenizer(),
        )
        return world(made, computer(package("peft", peft), package("torch", "2.5.1")))

    length = tokenizer().size
    assert length is not None
    called = Argument(written="AutoPeftModelForCausalLM in line 3", name=_CALL, value="")
    script = Intent(action=Action.LOAD, engine="transformers", arguments=(called,))
    padded = of(length + 271)
    yield Example(outcome=Outcome.FAIL, snapshot=padded, intent=script, says="is resized to")
    yield Example(outcome=Outcome.PASS, snapshot=of(length), intent=script)
    yield Example(outcome=Outcome.PASS, snapshot=of(None), intent=script)
    newer = of(length + 271, peft="0.15.2")
    yield Example(outcome=Outcome.PASS, snapshot=newer, intent=script, says="no base smaller")
    alone = of(length + 271, beside=False)
    yield Example(outcome=Outcome.PASS, snapshot=alone, intent=script)
    yield Example(outcome=Outcome.SKIP, snapshot=padded, says="does not apply")
    yield Example(outcome=Outcome.SKIP, snapshot=world(), intent=script, says="not known")
