"""The packages that the model's own code imports are installed.

Why: before transformers runs code of a model it looks for every package that the code imports
outside of "try": "This modeling file requires the following packages that were not found in your
environment: einops, transformers_stream_generator".

Fix: install them; where transformers has the model type itself, leave trust_remote_code out.
"""

from collections.abc import Iterator
from typing import Final

from firstmile.check.installed import python_of, unknown_python
from firstmile.check.intent import Intent
from firstmile.check.machine_worlds import computer, package
from firstmile.check.own_code import code_that_runs, runs_own_code
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, failed, not_known, passed, seen
from firstmile.check.worlds import LLAMA, folder, world
from firstmile.facts.interpreters import PACKAGES
from firstmile.facts.model_folder.folder import Code
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="loading/model/import-error",
    cause="environment/dependency-library",
    entries=("custom-model-code-needs-missing-packages",),
    references=(
        "https://github.com/huggingface/transformers/blob/main/src/transformers/dynamic_module_utils.py",
    ),
)
_NAMES: Final = {
    "PIL": "pillow",
    "fla": "flash-linear-attention",
    "yaml": "pyyaml",
    "google": "protobuf",
}
"""Packages whose name is not that of their module."""


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look for each module's package among the installed ones."""
    model = snapshot.model
    if model is None:
        return not_known("the model folder")
    python = python_of(snapshot)
    runs = runs_own_code(model, python, intent)
    if runs is False:
        return does_not_apply("no code of the model's own is run")
    if python is None:
        return unknown_python(snapshot)
    if python.package("transformers") is None:
        return does_not_apply("transformers is not installed")
    files = code_that_runs(model)
    if runs is None or not files:
        return not_known("what the model's own code imports")
    missing: dict[str, str] = {}
    for each in files:
        for module in sorted({one.partition(".")[0] for one in each.imports}):
            name = _NAMES.get(module, module.replace("_", "-").lower())
            if name in PACKAGES and python.package(name) is None:
                missing.setdefault(name, f"{each.path} imports {module}")
    if missing:
        names = " ".join(missing)
        return failed(
            f"The model's own code imports what is not installed: {', '.join(missing)}.",
            *(seen(text, file=text.partition(" ")[0]) for text in missing.values()),
            remedy=f"pip install {names}",
        )
    return passed(
        "The packages that the model's own code imports are installed.",
        *(seen(each.path, file=each.path) for each in files[:3]),
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""
    config = {**LLAMA, "model_type": "qwen", "auto_map": {"AutoModelForCausalLM": "m.QWen"}}
    allowed = Intent(engine="transformers", trust_remote_code=True)

    def of(outcome: Outcome, imports: tuple[str, ...], *packages: str) -> Example:
        code = Code(path="m.py", imports=imports, guarded=("flash_attn",), classes=("QWen",))
        made = computer(*(package(*each.split("==")) for each in packages))
        whole = folder(config=config, code=(code,))
        return Example(outcome=outcome, snapshot=world(whole, made), intent=allowed)

    have = ("transformers==4.57.1", "torch==2.6.0")
    yield of(Outcome.PASS, ("torch.nn", "transformers.Cache", "math"), *have)
    yield of(Outcome.FAIL, ("torch", "einops.rearrange"), *have)
    yield of(Outcome.PASS, ("torch", "einops.rearrange"), *have, "einops==0.8.0")
    yield of(Outcome.PASS, ("torch", "somebodys_package"), *have)
    yield Example(outcome=Outcome.SKIP, snapshot=world(folder(config=LLAMA)), intent=allowed)
