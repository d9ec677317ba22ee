"""Where the weights are pickles, torch is one with which transformers loads them.

Why: since transformers 4.52 loading `pytorch_model.bin` needs torch 2.6, because `torch.load` of
older ones could be made to run code even with `weights_only=True`: "Due to a serious vulnerability
issue in `torch.load` ... we now require users to upgrade torch to at least v2.6". Safetensors are
loaded with any torch.

Fix: take the repository's safetensors, or upgrade torch to 2.6 or later.
"""

from collections.abc import Iterator
from typing import Final

from firstmile.check.installed import installed, package_of
from firstmile.check.intent import Intent
from firstmile.check.own_code import uses_transformers
from firstmile.check.releases import older
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import (
    Verdict,
    does_not_apply,
    failed,
    not_known,
    passed,
    seen,
)
from firstmile.check.weight_files import folder_of, some, weights_that_load
from firstmile.check.worlds import LLAMA, file, folder, machine, world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="loading/model/validation-failed",
    cause="environment/dependency-library",
    entries=("torch-load-is-refused-below-2-6",),
    references=(
        "https://github.com/huggingface/transformers/pull/37785",
        "https://nvd.nist.gov/vuln/detail/CVE-2025-32434",
    ),
)


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Hold both versions against the form of the weights."""
    model = folder_of(snapshot)
    if isinstance(model, Verdict):
        return model
    taken = weights_that_load(model)
    if taken is None or not taken.pickled:
        return does_not_apply("the weights that are loaded are no pickles")
    if not uses_transformers(intent):
        return does_not_apply(f"{intent.engine} loads weights by itself")
    library, torch = package_of(snapshot, "transformers"), package_of(snapshot, "torch")
    if library is None or torch is None:
        return not_known("the installed torch and transformers")
    proof = (seen(some(taken.paths, 2)), installed(torch), installed(library))
    if older(library.version, "4.52.0") is not False:
        return does_not_apply(f"transformers {library.version} does not ask for a newer torch")
    if older(torch.version, "2.6.0"):
        return failed(
            f"The weights are pickles, which transformers refuses with torch {torch.version}.",
            *proof,
            remedy='Fetch the *.safetensors of the repository, or pip install -U "torch>=2.6"',
        )
    return passed(f"Pickled weights are loaded with torch {torch.version}.", *proof)


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(torch: str, transformers: str, *files: str) -> Snapshot:
        packages = {"torch": torch, "transformers": transformers}
        listed = [file(path, 9_000) for path in files or ("pytorch_model.bin",)]
        return world(folder(config=LLAMA, files=listed), machine(packages=packages))

    yield Example(outcome=Outcome.PASS, snapshot=of("2.6.0+cu124", "4.57.1"))
    yield Example(outcome=Outcome.FAIL, snapshot=of("2.5.1+cu121", "4.57.1"), says="2.5.1")
    yield Example(outcome=Outcome.SKIP, snapshot=of("2.5.1", "4.46.3"), says="does not ask")
    both = of("2.5.1", "4.57.1", "model.safetensors", "pytorch_model.bin")
    yield Example(outcome=Outcome.SKIP, snapshot=both, says="no pickles")
    bare = world(folder(config=LLAMA, files=[file("pytorch_model.bin", 9_000)]))
    yield Example(outcome=Outcome.SKIP, snapshot=bare, says="not known")
