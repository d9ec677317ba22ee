"""Weights that MLX has packed are given to MLX.

Why: repositories such as mlx-community/... hold matrices packed into 32-bit words, each with
`scales` and `biases`, in files that look like those of any other model. transformers, vLLM and
SGLang do not read that form: "size mismatch for ... copying a param with shape torch.Size([4096,
512]) from checkpoint", or "The model's quantization config from the arguments has no `quant_method`
attribute".

Fix: run it with mlx-lm on a Mac, or take the repository that it was made from.
"""

from collections.abc import Iterator
from typing import Final

from msgspec.structs import replace

from firstmile.check.intent import Intent
from firstmile.check.quantized_tensors import is_of_mlx
from firstmile.check.tensor_names import layout_of
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import (
    Verdict,
    failed,
    not_known,
    passed,
    seen,
    stated,
    warned,
)
from firstmile.check.weight_files import folder_of
from firstmile.check.worlds import LLAMA, folder, machine, shard, world
from firstmile.facts.model_folder.folder import ModelFolder, Tensor
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="loading/model/validation-failed",
    cause="computation/quantization",
    entries=("weights-belong-to-another-model-or-size",),
    references=("https://github.com/ml-explore/mlx-lm",),
)


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look for matrices of 32-bit words with scales beside them."""
    model = folder_of(snapshot)
    if isinstance(model, Verdict):
        return model
    layout = layout_of(model)
    if layout is None:
        return not_known("the names of the tensors")
    tensor = is_of_mlx(layout)
    if tensor is None:
        return passed("The weights are not packed in the form of MLX.")
    proof = [seen(f"{tensor} is of U32 with scales beside it")]
    said = (model.config or {}).get("quantization")
    if said is not None:
        proof.append(stated("config.json", "quantization", said))
    remedy = "Run it with mlx-lm, or take the repository that it was made from."
    text = "The weights are packed in the form of MLX"
    system = snapshot.environment.system if snapshot.environment else None
    if intent.engine is None and (system is None or system.name == "Darwin"):
        return warned(f"{text}, which no other engine reads.", *proof, remedy=remedy)
    return failed(f"{text}, which {intent.engine or 'this system'} does not read.", *proof,
                  remedy=remedy)  # fmt: skip


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(dtype: str) -> ModelFolder:
        stem = "model.layers.0.self_attn.q_proj"
        made = shard({f"{stem}.weight": ("I32", (8, 2)), f"{stem}.scales": ("F16", (8, 1))})
        packed, scales = made.tensors
        packed = Tensor(packed.name, dtype, packed.shape, packed.start, packed.end)
        config = {**LLAMA, "quantization": {"group_size": 64, "bits": 4}}
        return folder(config=config, shards=[replace(made, tensors=(packed, scales))])

    mac = machine(system="Darwin", architecture="arm64", libc=None)
    yield Example(outcome=Outcome.PASS, snapshot=world(of("I32")))
    yield Example(outcome=Outcome.WARN, snapshot=world(of("U32"), mac), says="no other engine")
    yield Example(outcome=Outcome.FAIL, snapshot=world(of("U32"), machine()), says="this system")
    vllm = Intent(engine="vllm")
    yield Example(outcome=Outcome.FAIL, snapshot=world(of("U32"), mac), intent=vllm, says="vllm")
    yield Example(outcome=Outcome.SKIP, snapshot=world(folder()), says="not known")
