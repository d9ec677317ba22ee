"""A checkpoint in Meta's form has all its parts.

Why: Llama 2 70B and Llama 3 70B come in eight parts (consolidated.00.pth to .07.pth). A download
that ended early leaves fewer, and the scripts count them: "Loading a checkpoint for MP=2 but world
size is 8". Fewer processes do not help, since each part holds its share of every layer.

Fix: fetch what is missing again, and compare the sizes with those that the repository lists.
"""

from collections.abc import Iterator
from typing import Any, Final

from firstmile.check.counting import counted
from firstmile.check.intent import Intent, Parallel
from firstmile.check.meta_checkpoints import OF_SEVEN, checkpoint, parts_of, weights_bytes
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
from firstmile.check.worlds import world
from firstmile.facts.sizes import shown
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="loading/model/validation-failed",
    cause="corruption/checkpoint",
    references=("https://github.com/meta-llama/llama/blob/main/README.md#inference",),
)
_PARAMS: Final = "params.json"
_MOST: Final = 16
"""Parts of the largest checkpoints."""
_EXACT: Final = 0.08
"""By how much the sizes of parts may differ from a share of the whole.

Half or a quarter of all may also be whole parts in 8 or 4 bits, unless as many processes as parts
in 16 bits are started.
"""


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Hold the bytes of all parts against what the sizes of the model need."""
    model = snapshot.model
    if model is None:
        return not_known("the model's folder")
    if model.kind != "meta":
        return does_not_apply("the model is not in Meta's form")
    parts, params = parts_of(model), model.document(_PARAMS)
    if not parts or params is None:
        return not_known("the parts, and their params.json")
    needed = weights_bytes(params)
    if needed is None:
        return not_known("the sizes of the model")
    there, largest = sum(each.size_bytes for each in parts), max(one.size_bytes for one in parts)
    proof = (
        seen(f"{counted(len(parts), 'part')} of {shown(there)} together"),
        stated(_PARAMS, "dim, n_layers", [params.get("dim"), params.get("n_layers")]),
        seen(f"the weights take {shown(needed)} in 16 bits"),
    )
    whole = round(needed / largest) if largest else 0
    fits = 1 <= whole <= _MOST and abs(needed / whole - largest) <= _EXACT * largest
    if there >= needed * (1 - _EXACT):
        return passed("The parts are as large as the model needs.", *proof)
    if not fits:
        return not_known("how many parts there are: they are of another number type")
    missing = [f"consolidated.{number:02}.pth" for number in range(len(parts), whole)]
    halved = len(parts) * 2 == whole or len(parts) * 4 == whole
    sure = not halved or intent.parallel.processes == whole
    say = failed if sure else warned
    return say(
        f"Of {whole} parts of the checkpoint {counted(len(parts), 'is', 'are')} there.",
        *proof,
        remedy=f"Fetch the others again ({missing[0]} to {missing[-1]}), by Meta's download.sh or "
        'hf download OWNER/NAME --include "original/*".',
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""
    large: dict[str, Any] = {
        "dim": 8192,
        "multiple_of": 4096,
        "ffn_dim_multiplier": 1.3,
        "n_heads": 64,
        "n_kv_heads": 8,
        "n_layers": 80,
        "vocab_size": -1,
    }
    two = checkpoint(2, size=17_246_706_245, params=large)
    eight_wanted = Intent(parallel=Parallel(processes=8))
    yield Example(outcome=Outcome.FAIL, snapshot=world(two), intent=eight_wanted, says="Of 8 parts")
    yield Example(outcome=Outcome.WARN, snapshot=world(two))
    three = checkpoint(3, size=17_246_706_245, params=large)
    yield Example(outcome=Outcome.FAIL, snapshot=world(three))
    eight = checkpoint(8, size=17_246_706_245, params=large)
    yield Example(outcome=Outcome.PASS, snapshot=world(eight))
    yield Example(outcome=Outcome.PASS, snapshot=world(checkpoint(1)))
    small = checkpoint(1, size=OF_SEVEN // 4)
    yield Example(outcome=Outcome.WARN, snapshot=world(small), says="Of 4 parts")
    odd = checkpoint(1, size=OF_SEVEN // 40)
    yield Example(outcome=Outcome.SKIP, snapshot=world(odd), says="number type")
    yield Example(outcome=Outcome.SKIP, snapshot=world(), says="not known")
