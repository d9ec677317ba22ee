"""The model's own code imports only names that the installed transformers still has.

Why: code that lies beside a model was written for the transformers of its day and imports names
of its inside. Later releases dropped some: "cannot import name 'LlamaFlashAttention2' from
'transformers.models.llama.modeling_llama'" stops the load.

Fix: take the newest revision of the model, leave trust_remote_code out where transformers has the
model itself, or go back to a release that has the name.
"""

from collections.abc import Iterator
from typing import Final

from firstmile.check.gone_names import GONE_IN
from firstmile.check.installed import installed, python_of, unknown_python
from firstmile.check.intent import Intent
from firstmile.check.machine_worlds import computer, package
from firstmile.check.own_code import code_that_runs, runs_own_code
from firstmile.check.releases import older
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, failed, not_known, passed, seen
from firstmile.check.worlds import LLAMA, folder, world
from firstmile.facts.model_folder.folder import Code
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="loading/model/import-error",
    cause="environment/dependency-library",
    entries=(
        "code-imports-a-name-that-transformers-dropped",
        "custom-model-code-is-not-ready-for-transformers-5",
    ),
    references=("https://github.com/huggingface/transformers/blob/main/MIGRATION_GUIDE_V5.md",),
)


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Compare the imports with the names that are gone in the installed release."""
    model = snapshot.model
    if model is None:
        return not_known("the model folder")
    python = python_of(snapshot)
    runs = runs_own_code(model, python, intent)
    if runs is False:
        return does_not_apply("no code of the model's own is run")
    if python is None:
        return unknown_python(snapshot)
    transformers = python.package("transformers")
    if transformers is None:
        return does_not_apply("transformers is not installed")
    files = code_that_runs(model)
    if runs is None or not files:
        return not_known("what the model's own code imports")
    for each in files:
        for name in each.imports:
            last = name.rpartition(".")[2]
            gone = GONE_IN.get(last) if name.startswith("transformers.") else None
            if gone is not None and older(transformers.version, gone) is False:
                return failed(
                    f"The file {each.path} imports {last}, "
                    f"which transformers {transformers.version} no longer has.",
                    seen(f"import of {name}", file=each.path),
                    installed(transformers),
                    remedy=f'pip install "transformers<{gone}", or the newest revision of the '
                    "model.",
                )
    return passed(
        "The model's own code imports no name that is known to be gone.", installed(transformers)
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""
    config = {**LLAMA, "model_type": "own", "auto_map": {"AutoModelForCausalLM": "m.Own"}}
    allowed = Intent(engine="transformers", trust_remote_code=True)

    def of(outcome: Outcome, version: str, *imports: str) -> Example:
        code = Code(path="m.py", imports=imports, guarded=(), classes=("Own",))
        made = computer(package("transformers", version))
        return Example(
            outcome=outcome,
            snapshot=world(folder(config=config, code=(code,)), made),
            intent=allowed,
        )

    llama = "transformers.models.llama.modeling_llama.LlamaFlashAttention2"
    yield of(Outcome.PASS, "4.47.1", llama)
    yield of(Outcome.FAIL, "4.48.0", llama)
    yield of(Outcome.FAIL, "5.2.0", "transformers.utils.is_torch_fx_available")
    yield of(Outcome.PASS, "5.2.0", "torch.optim.AdamW", "transformers.PreTrainedModel")
    yield of(Outcome.FAIL, "4.57.1", "transformers.AdamW")
    yield Example(outcome=Outcome.SKIP, snapshot=world(folder(config=LLAMA)), intent=allowed)
