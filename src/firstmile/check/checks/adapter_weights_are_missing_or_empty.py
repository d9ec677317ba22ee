"""The adapter's weights are in its folder, and none of their tensors is empty.

Why: `adapter_model.safetensors` is what was learnt. PEFT looks for it on the Hub where the folder
lacks it, and stops with an error that speaks of a repository's name. Saved under ZeRO-3 without
gathering, its tensors have the shape [0]: "size mismatch ... copying a param with shape
torch.Size([0]) from checkpoint". A file without any tensor loads with a warning alone: the model
then answers as if it had never been tuned.

Fix: save the adapter again; under ZeRO-3 with `stage3_gather_16bit_weights_on_model_save`, or in
`deepspeed.zero.GatheredParameters`.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from firstmile.check.adapters import CONFIG, PICKLED, PREFIX, WEIGHTS, adapter_of
from firstmile.check.counting import counted
from firstmile.check.intent import Intent
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, failed, not_known, passed, seen
from firstmile.check.weight_files import some
from firstmile.check.worlds import file, folder, shard, world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="loading/model/validation-failed",
    cause="corruption/checkpoint",
    entries=("zero-3-saved-an-adapter-of-empty-tensors",),
    references=(
        "https://huggingface.co/docs/peft/main/en/developer_guides/troubleshooting",
        "https://huggingface.co/docs/peft/main/en/accelerate/deepspeed",
    ),
)


def judge(snapshot: Snapshot, intent: Intent) -> Verdict | Sequence[Verdict]:
    """Look for the file, and for tensors without numbers."""
    adapter = adapter_of(snapshot)
    if isinstance(adapter, Verdict):
        return adapter
    names = {one.path for one in adapter.model.files if one.kind != "dangling"}
    tensors = adapter.tensors
    if WEIGHTS not in names and PICKLED not in names:
        if not names:
            return not_known("the files of the adapter's folder")
        return failed(
            "The adapter's folder has a config and no weights.",
            seen(f"neither {WEIGHTS} nor {PICKLED} is there", file=CONFIG),
            remedy=f"Copy {WEIGHTS} into the folder, or save the adapter again.",
        )
    if tensors is None:
        return not_known("the tensors of the adapter")
    again = "Save the adapter again, with all ranks gathered (stage3_gather_16bit_weights_on_"
    again += "model_save: true)."
    if not tensors:
        return failed(
            "The adapter's file holds no tensor: nothing that was learnt is in it.",
            seen("0 tensors", file=WEIGHTS),
            remedy=again,
        )
    empty = [name for name, one in tensors.items() if 0 in one.shape]
    if empty:
        return failed(
            f"{counted(len(empty), 'tensor', 'tensors')} of the {len(tensors):,} of the adapter "
            f"{'is' if len(empty) == 1 else 'are'} empty.",
            *(seen(f"{name}: {list(tensors[name].shape)}", file=WEIGHTS) for name in empty[:3]),
            remedy=again,
        )
    if not any(PREFIX in name or ".lora_" in name or "prompt" in name for name in tensors):
        names_ = some(list(tensors), 2)
        return failed(
            "The tensors of the adapter have names that PEFT does not look for.",
            seen(names_, file=WEIGHTS),
            remedy=f"Save it with model.save_pretrained of PEFT; its names begin with {PREFIX}",
        )
    return passed(f"Each of {counted(len(tensors), 'tensor')} of the adapter holds numbers.")


def examples() -> Iterator[Example]:
    """Yield worked examples."""
    module = "base_model.model.model.layers.0.self_attn.q_proj"

    def of(*shapes: tuple[int, ...], stem: str = module, **parts: Any) -> Snapshot:
        tensors = {
            f"{stem}.lora_{name}.weight": ("F32", one)
            for name, one in zip("AB", shapes, strict=False)
        }
        made = folder(
            kind="adapter",
            documents={CONFIG: {"peft_type": "LORA", "r": 4}},
            **({"shards": [shard(tensors, path=WEIGHTS)]} | parts),
        )
        return world(made)

    yield Example(outcome=Outcome.PASS, snapshot=of((4, 64), (64, 4)))
    yield Example(outcome=Outcome.FAIL, snapshot=of((0,), (0,)), says="2 tensors of the 2")
    yield Example(outcome=Outcome.FAIL, snapshot=of(), says="no tensor")
    yield Example(outcome=Outcome.FAIL, snapshot=of(shards=()), says="no weights")
    pickled = of(shards=(), files=[file(PICKLED, 9_000, looks="zip")])
    yield Example(outcome=Outcome.SKIP, snapshot=pickled, says="not known")
    yield Example(outcome=Outcome.SKIP, snapshot=world(folder()), says="no adapter")
