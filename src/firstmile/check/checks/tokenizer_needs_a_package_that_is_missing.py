"""The package that reads the folder's tokenizer file is installed.

Why: a folder with tokenizer.json needs nothing beside tokenizers. One that has only a
SentencePiece model (tokenizer.model) needs sentencepiece, and protobuf to convert it; one with a
.tiktoken file needs tiktoken. What is said without them misleads: transformers 5 asks for tiktoken
where sentencepiece or protobuf is missing, 4 says that the tokenizer class does not exist.

Fix: pip install the package, and restart the program: it is looked for once.
"""

from collections.abc import Iterator
from typing import Final

from firstmile.check.installed import installed, python_of, unknown_python
from firstmile.check.intent import Intent
from firstmile.check.machine_worlds import computer, package
from firstmile.check.own_code import auto_map
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, failed, not_known, passed, seen
from firstmile.check.worlds import LLAMA, file, folder, world
from firstmile.facts.model_folder.folder import ModelFolder
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="loading/tokenizer",
    cause="environment/dependency-library",
    entries=("sentencepiece-or-tiktoken-is-missing",),
    references=("https://huggingface.co/docs/transformers/fast_tokenizers",),
)


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look for the package of the only tokenizer file that is there."""
    if intent.engine in ("llama.cpp", "ollama"):
        return does_not_apply("the engine reads the tokenizer of the GGUF")
    model = snapshot.model
    if model is None or not model.files:
        return not_known("the files of the model folder")
    if intent.tokenizer is not None:
        return does_not_apply("the command names a tokenizer of another place")
    found = _needed(model)
    if found is None:
        return does_not_apply("the folder has tokenizer.json, or no tokenizer file of its own")
    path, needed = found
    python = python_of(snapshot)
    if python is None:
        return unknown_python(snapshot)
    transformers = python.package("transformers")
    if transformers is None:
        return not_known("the installed transformers")
    missing = [each for each in needed if python.package(each) is None]
    proof = (seen(f"{path} is the only tokenizer file", file=path), installed(transformers))
    if missing:
        return failed(
            f"Reading {path} needs {' and '.join(missing)}, not installed.",
            *proof,
            remedy=f"pip install {' '.join(missing)}",
        )
    return passed(f"What reads {path} is installed.", *proof)


def _needed(model: ModelFolder) -> tuple[str, tuple[str, ...]] | None:
    """Return the tokenizer file that alone is there, and the packages that read it."""
    paths = {each.path for each in model.files}
    if paths & {"tokenizer.json", "vocab.json", "vocab.txt"}:
        return None
    if "tokenizer.model" in paths:
        own = "AutoTokenizer" in auto_map(model.document("tokenizer_config.json"))
        return "tokenizer.model", ("sentencepiece",) if own else ("sentencepiece", "protobuf")
    tiktoken = next((path for path in sorted(paths) if path.endswith(".tiktoken")), None)
    return None if tiktoken is None else (tiktoken, ("tiktoken",))


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(outcome: Outcome, path: str, *packages: str, engine: str | None = None) -> Example:
        made = computer(
            *(package(*each.split("==")) for each in ("transformers==4.57.1", *packages))
        )
        whole = folder(config=LLAMA, files=[file(path)])
        return Example(outcome=outcome, snapshot=world(whole, made), intent=Intent(engine=engine))

    yield of(Outcome.PASS, "tokenizer.model", "sentencepiece==0.2.0", "protobuf==5.29.0")
    yield of(Outcome.FAIL, "tokenizer.model", "sentencepiece==0.2.0")
    yield of(Outcome.FAIL, "tokenizer.model", "protobuf==5.29.0")
    yield of(Outcome.FAIL, "qwen.tiktoken")
    yield of(Outcome.SKIP, "tekken.json")
    yield of(Outcome.SKIP, "tokenizer.json")
    yield of(Outcome.SKIP, "tokenizer.model", engine="llama.cpp")
