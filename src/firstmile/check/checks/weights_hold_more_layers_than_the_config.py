"""The config states all layers that the weight files hold.

Why: layers beyond `num_hidden_layers` are passed over, with no more than a line ("Some weights of
the model checkpoint were not used", "UNEXPECTED"). A model that lacks its last layers writes
nonsense, and no error tells. The config is then of a shallower model, or was cut for a test.

Fix: fetch the config of the repository that the weights are from, or set `num_hidden_layers` to
the number of layers.
"""

from collections.abc import Iterator
from typing import Any, Final

from firstmile.check.counting import counted
from firstmile.check.intent import Intent
from firstmile.check.tensor_names import layout_of
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
from firstmile.check.weight_files import folder_of
from firstmile.check.worlds import LLAMA, folder, shard, world
from firstmile.facts.model_folder.architecture import read_architecture, text_config
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="incorrect/generation/meaningless",
    cause="corruption/config-file",
    entries=("weights-belong-to-another-model-or-size",),
    references=("https://huggingface.co/docs/transformers/main/en/main_classes/configuration",),
)
_OF_PREDICTION: Final = ("eh_proj", "enorm", "hnorm", "shared_head", "nextn", "mtp", "embed_tokens")
"""Parts of layers that predict further tokens, as DeepSeek-V3 and GLM-4.5 store them."""


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Compare the highest number of a layer with the config's count."""
    model = folder_of(snapshot)
    if isinstance(model, Verdict):
        return model
    if model.config is None:
        return not_known("the config of the model")
    if intent.overrides:
        return does_not_apply("the command changes the config")
    layers = read_architecture(model.config).layers
    layout = layout_of(model)
    if layers is None or layout is None:
        return not_known("the layers of the model")
    text = text_config(model.config)
    more = text.get("num_nextn_predict_layers")
    allowed = layers + (more if isinstance(more, int) and more > 0 else 0)
    beyond = [
        number
        for number, tensors in layout.layers.items()
        if number >= allowed and not any(name.startswith(_OF_PREDICTION) for name in tensors)
    ]
    if not beyond:
        return passed(f"No layer lies beyond the {layers} of the config.")
    return failed(
        f"The config states {counted(layers, 'layer')}, and the files hold {max(beyond) + 1}.",
        seen(f"{layout.head}layers.{max(beyond)}"),
        stated("config.json", "num_hidden_layers", layers),
        remedy=f'Fetch config.json again, or set "num_hidden_layers": {max(beyond) + 1}.',
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(layers: int, part: str = "input_layernorm", **config: Any) -> Snapshot:
        names = [f"model.layers.{number}.input_layernorm.weight" for number in range(layers)]
        if part != "input_layernorm":
            names.append(f"model.layers.{layers}.{part}.weight")
        tensors = dict.fromkeys(names, ("BF16", (8,)))
        made = folder(config={**LLAMA, "num_hidden_layers": 4} | config, shards=[shard(tensors)])
        return world(made)

    yield Example(outcome=Outcome.PASS, snapshot=of(4))
    yield Example(outcome=Outcome.PASS, snapshot=of(3))
    yield Example(outcome=Outcome.PASS, snapshot=of(5, num_nextn_predict_layers=1))
    yield Example(outcome=Outcome.PASS, snapshot=of(4, part="eh_proj"))
    yield Example(outcome=Outcome.FAIL, snapshot=of(5), says="hold 5")
    yield Example(outcome=Outcome.FAIL, snapshot=of(6, num_nextn_predict_layers=1))
    yield Example(outcome=Outcome.SKIP, snapshot=world(folder(config=LLAMA)), says="not known")
    less = Intent(overrides={"num_hidden_layers": 5})
    yield Example(outcome=Outcome.SKIP, snapshot=of(5), intent=less)
