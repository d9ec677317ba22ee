"""Checkpoints as Meta publishes them: parts, their sizes, and what its example scripts make."""

from collections.abc import Mapping
from typing import Any, Final

from firstmile.check.command import program_of
from firstmile.check.intent import Intent
from firstmile.check.worlds import file, folder
from firstmile.facts.model_folder.folder import File, ModelFolder

ENGINE: Final = "meta-llama"
LENGTH: Final = 512
"""`max_seq_len` of Meta's example scripts, where none is said."""
BATCH: Final = 4
"""`max_batch_size` of most of them; that of Llama 2's chat is 8."""
_BATCHES: Final = {"example.py": 32}
"""`max_batch_size` of the first LLaMA's script, where it is not said."""
SEVEN: Final[Mapping[str, Any]] = {
    "dim": 4096,
    "multiple_of": 256,
    "n_heads": 32,
    "n_layers": 32,
    "norm_eps": 1e-05,
    "vocab_size": -1,
}
"""params.json of Llama 2 7B."""
OF_SEVEN: Final = 13_476_925_163
"""Bytes of its one part."""


def parts_of(model: ModelFolder) -> tuple[File, ...]:
    """Return the files that the scripts take for parts: every `.pth` of the folder itself."""
    return tuple(
        each
        for each in model.files
        if each.path.endswith(".pth") and "/" not in each.path and each.kind != "dangling"
    )


def processes_of(intent: Intent) -> int:
    """Return how many processes run the model, each with one part."""
    return (intent.parallel.processes or 1) * max(intent.parallel.nodes or 1, 1)


def batch_of(intent: Intent) -> int:
    """Return how many texts the script makes room for, where the command does not say so."""
    return intent.sequences or _BATCHES.get(program_of(intent.script or ""), BATCH)


def working_bytes(params: Mapping[str, Any], parts: int, *, batch: int, length: int) -> int:
    """Return what a pass over full texts takes on one GPU beside weights and cache.

    Scores and their softmax in 32 bits for each pair of positions, and three feed-forward rows of
    8/3 of the width in 16 bits. Source: Attention and FeedForward in llama/model.py.
    """
    width, heads = params.get("dim"), params.get("n_heads")
    if not isinstance(width, int) or not isinstance(heads, int):
        return 0
    scores = 2 * 4 * batch * heads * length * length
    return (scores + 3 * 2 * batch * length * (8 * width // 3)) // max(parts, 1)


def weights_bytes(params: Mapping[str, Any]) -> int | None:
    """Return the bytes of all parts together, of 16 bits a number; None for odd settings.

    Source: the classes Attention, FeedForward and Transformer in llama/model.py.
    """
    width, layers, heads = (params.get(name) for name in ("dim", "n_layers", "n_heads"))
    step, more = params.get("multiple_of", 256), params.get("ffn_dim_multiplier") or 1.0
    kept, words = params.get("n_kv_heads") or heads, params.get("vocab_size", 32000)
    whole = (width, layers, heads, kept, step, words)
    if not all(isinstance(each, int) and abs(each) < 10**7 for each in whole):
        return None
    if not isinstance(more, int | float) or not width or not layers or not heads or step <= 0:
        return None
    hidden = int(more * int(8 * width / 3))
    hidden = step * ((hidden + step - 1) // step)
    of_keys = width * (width // heads) * kept
    a_layer = 2 * width * width + 2 * of_keys + 3 * width * hidden
    words = words if words > 0 else 32000
    return 2 * int(layers * a_layer + 2 * words * width)


def cache_bytes(params: Mapping[str, Any], parts: int, *, batch: int, length: int) -> int | None:
    """Return the bytes of keys and values on one GPU, which are there from the start.

    Two numbers of 16 bits for each position, layer, head of keys and its width. Source: the class
    Attention in llama/model.py of github.com/meta-llama/llama.
    """
    width, layers, heads = (params.get(name) for name in ("dim", "n_layers", "n_heads"))
    kept = params.get("n_kv_heads") or heads
    sizes = (width, layers, heads, kept)
    if not all(isinstance(each, int) and 0 < each < 10**7 for each in sizes):
        return None
    assert isinstance(width, int)
    assert isinstance(layers, int)
    assert isinstance(heads, int)
    assert isinstance(kept, int)
    return 2 * 2 * layers * batch * length * max(kept // max(parts, 1), 1) * (width // heads)


def checkpoint(
    parts: int = 1, *, size: int = OF_SEVEN, params: Mapping[str, Any] = SEVEN
) -> ModelFolder:
    """Return a checkpoint of so many parts, for examples."""
    files = [file(f"consolidated.{n:02}.pth", size, looks="zip") for n in range(parts)]
    return folder(kind="meta", files=files, documents={"params.json": params})
