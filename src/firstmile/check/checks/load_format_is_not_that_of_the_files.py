"""The form of weights that the command asks for is the form that the model's files have.

Why: --load-format of vLLM and SGLang names the files that are read, and no other form is tried in
its place. `gguf` with a folder of safetensors ends in "Unrecognised GGUF reference", `safetensors`
and `pt` in "Cannot find any model weights", and `mistral` reads consolidated*.safetensors alone.

Fix: leave --load-format out: both engines find safetensors, pickles and GGUF by themselves.
"""

from collections.abc import Iterator
from typing import Final

from firstmile.check.intent import Action, Intent
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, failed, not_known, passed, seen
from firstmile.check.weight_files import is_weight_file, some
from firstmile.check.worlds import LLAMA, file, folder, world
from firstmile.facts.model_folder.folder import File
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="loading/model/validation-failed",
    cause="configuration/inference",
    stage="inference",
    references=(
        "https://docs.vllm.ai/en/latest/api/vllm/config/load/",
        "https://docs.sglang.io/docs/advanced_features/model_loading",
    ),
)
_PICKLES: Final = (".bin", ".pt", ".pth")
_READ: Final = ("gguf", "safetensors", "pt", "npcache", "mistral")
"""Forms whose files are told by their names or first bytes."""


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look for a weight file of the form."""
    asked = (intent.load_format or "").lower()
    if intent.engine not in ("vllm", "sglang") or asked not in _READ:
        return does_not_apply("the command asks for no form of weights that is known here")
    model = snapshot.model
    if model is None or model.why_not("files") is not None:
        return not_known("the files of the model")
    weights = [one for one in model.files if _is_weights(one)]
    if not weights:
        return not_known("the weights of the model")
    proof = seen(f"load_format = {asked}")
    fitting = [one.path for one in weights if _is_of(asked, one)]
    if fitting:
        return passed(f"There are files of the form {asked}.", proof, seen(some(fitting)))
    return failed(
        f"The command asks for weights of the form {asked}, and the model has none.",
        proof,
        seen(some([one.path for one in weights])),
        remedy="Leave --load-format out, or name a model of that form.",
    )


def _is_weights(one: File) -> bool:
    return "/" not in one.path and (
        is_weight_file(one.path) or one.looks in ("gguf", "safetensors")
    )


def _is_of(asked: str, one: File) -> bool:
    if asked == "gguf":
        return one.looks == "gguf" or one.path.endswith(".gguf")
    if asked == "mistral":
        return one.path.startswith("consolidated") and one.path.endswith(".safetensors")
    endings = (".safetensors", ".pt") if asked == "safetensors" else _PICKLES
    return one.path.endswith(endings)


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(outcome: Outcome, path: str, asked: str | None, says: str = "") -> Example:
        looks = path.rpartition(".")[2]
        model = folder(config=LLAMA, files=[file(path, 9_000, looks=looks)])
        intent = Intent(action=Action.SERVE, engine="vllm", model="m", load_format=asked)
        return Example(outcome=outcome, snapshot=world(model), intent=intent, says=says)

    yield of(Outcome.FAIL, "model.safetensors", "gguf", "form gguf")
    yield of(Outcome.FAIL, "model.safetensors", "pt")
    yield of(Outcome.FAIL, "pytorch_model.bin", "safetensors")
    yield of(Outcome.FAIL, "model.safetensors", "mistral")
    yield of(Outcome.PASS, "consolidated.safetensors", "mistral")
    yield of(Outcome.PASS, "model.safetensors", "safetensors")
    yield of(Outcome.PASS, "pytorch_model.bin", "pt")
    yield of(Outcome.PASS, "model-Q4_K_M.gguf", "gguf")
    yield of(Outcome.SKIP, "model.safetensors", None)
    yield of(Outcome.SKIP, "model.safetensors", "dummy")
    yield of(Outcome.SKIP, "tokenizer.json", "gguf", "not known")
    serve = Intent(engine="vllm", load_format="gguf")
    yield Example(outcome=Outcome.SKIP, snapshot=world(), intent=serve, says="not known")
