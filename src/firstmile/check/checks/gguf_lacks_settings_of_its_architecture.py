"""A GGUF model states the settings without which llama.cpp does not load it.

Why: sizes and vocabulary stand in the file's metadata. Where a converter or an editor left one out,
llama.cpp stops: "error loading model hyperparameters: key not found in model:
llama.context_length", "key not found in model: tokenizer.ggml.model". Files for images or for
diffusion (flux, sdxl) are GGUF as well, and hold none of them.

Fix: convert the original again; a single value can be added with `gguf-set-metadata` or
`gguf-new-metadata`.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from firstmile.check.counting import counted
from firstmile.check.gguf_files import ggufs_of, models_of
from firstmile.check.intent import Intent
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, failed, passed, seen
from firstmile.check.weight_files import some
from firstmile.check.worlds import folder, world
from firstmile.facts.model_folder.folder import Gguf, Tensor
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="loading/model/validation-failed",
    cause="corruption/checkpoint",
    entries=("gguf-tensors-are-not-what-the-engine-expects", "gguf-vocabulary-cannot-be-read"),
    references=("https://github.com/ggml-org/ggml/blob/master/docs/gguf.md",),
)
_SIZES: Final = ("context_length", "embedding_length", "block_count")
"""What `load_hparams` of llama.cpp asks for whatever the architecture."""


def judge(snapshot: Snapshot, intent: Intent) -> Verdict | Sequence[Verdict]:
    """Look for the keys."""
    ggufs = ggufs_of(snapshot)
    if isinstance(ggufs, Verdict):
        return ggufs
    assert snapshot.model is not None
    models = models_of(snapshot.model)
    if not models:
        return does_not_apply("no GGUF file here is a language model whose header was read")
    verdicts = []
    for each in models:
        kind = each.architecture
        wanted = ["general.architecture", "tokenizer.ggml.model"]
        if kind:
            wanted += [f"{kind}.{name}" for name in _SIZES]
        missing = [name for name in wanted if name not in each.metadata]
        if missing:
            verdicts.append(
                failed(
                    f"The GGUF model {each.name} does not state {some(missing)}.",
                    seen(counted(len(each.metadata), "setting"), file=each.parts[0].path),
                    remedy="python convert_hf_to_gguf.py FOLDER, from the original model",
                )
            )
    return verdicts or passed("The GGUF models state what llama.cpp asks for.")


def examples() -> Iterator[Example]:
    """Yield worked examples."""
    llama = {
        "general.architecture": "llama",
        "tokenizer.ggml.model": "gpt2",
        **{f"llama.{name}": 32 for name in _SIZES},
    }

    def of(metadata: dict[str, Any]) -> Snapshot:
        made = Gguf(
            path="model.gguf",
            size_bytes=9_000,
            version=3,
            metadata=metadata,
            tensors=(Tensor("output_norm.weight", "F32", (32,), 0, 128),),
            data_start=1024,
        )
        return world(folder(kind="gguf", ggufs=(made,)))

    yield Example(outcome=Outcome.PASS, snapshot=of(llama))
    for name in ("llama.context_length", "tokenizer.ggml.model", "general.architecture"):
        without = {key: value for key, value in llama.items() if key != name}
        yield Example(outcome=Outcome.FAIL, snapshot=of(without), says=name)
    image = of({"general.architecture": "clip", "general.type": "mmproj"})
    yield Example(outcome=Outcome.SKIP, snapshot=image, says="language model")
    yield Example(outcome=Outcome.SKIP, snapshot=world(folder()), says="no GGUF file")
