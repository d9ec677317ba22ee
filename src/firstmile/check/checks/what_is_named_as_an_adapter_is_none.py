"""What the command puts on its model as an adapter is one, and of the same architecture.

Why: servers load their adapters as they start, and stop at one that is none. vLLM and SGLang look
for adapter_config.json in its folder ("No adapter found for ..."), llama.cpp for a GGUF file that
was made by convert_lora_to_gguf.py: "expect general.type to be 'adapter'", or "model arch and LoRA
arch mismatch" for an adapter of another architecture.

Fix: name the folder that PEFT saved the adapter into, which holds adapter_config.json. For
llama.cpp convert it by convert_lora_to_gguf.py of its repository, with the same base.
"""

from collections.abc import Iterator
from typing import Final

from msgspec.structs import replace

from firstmile.check.gguf_files import leading
from firstmile.check.intent import Action, Intent
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, failed, not_known, passed, seen
from firstmile.check.worlds import LLAMA, file, folder, world
from firstmile.facts.model_folder.folder import Gguf, ModelFolder
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="loading/model/validation-failed",
    cause="api/call-parameter",
    stage="inference",
    references=(
        "https://docs.vllm.ai/en/stable/features/lora/",
        "https://github.com/ggml-org/llama.cpp/blob/master/src/llama-adapter.cpp",
    ),
)
_FOLDERS: Final = ("vllm", "sglang")
_CONVERT: Final = "Convert the adapter by convert_lora_to_gguf.py of llama.cpp's repository."


def judge(snapshot: Snapshot, intent: Intent) -> Verdict | list[Verdict]:
    """Look what each folder or file is, by its files or its header."""
    if not intent.adapters:
        return does_not_apply("the command names no adapter")
    if intent.engine not in (*_FOLDERS, "llama.cpp"):
        return does_not_apply(f"what {intent.engine} takes for an adapter is not looked at")
    if not snapshot.adapters:
        return not_known("the adapters that the command names: none of them was read")
    of_gguf = intent.engine == "llama.cpp"
    base = None if snapshot.model is None else leading(snapshot.model)
    found = [
        verdict
        for one in snapshot.adapters
        if (verdict := _as_file(one, base) if of_gguf else _as_folder(one)) is not None
    ]
    count = len(snapshot.adapters)
    return found or passed(
        "The adapter is one." if count == 1 else f"The {count} adapters are such.",
        *(seen(one.path) for one in snapshot.adapters[:3]),
    )


def _as_folder(one: ModelFolder) -> Verdict | None:
    if one.kind == "adapter" or one.why_not("files") is not None:
        return None
    return failed(
        f"What the command names as an adapter is none: {one.path}.",
        seen("no adapter_config.json in it", file=one.path),
        remedy="Name the folder that the adapter was saved into, with its adapter_config.json.",
    )


def _as_file(one: ModelFolder, base: Gguf | None) -> Verdict | None:
    header = one.ggufs[0] if len(one.ggufs) == 1 else None
    if header is None:
        return failed(
            f"What the command names as an adapter is no GGUF file: {one.path}.",
            seen("no GGUF file", file=one.path),
            remedy=_CONVERT,
        )
    if header.problem is not None:
        return None
    kind = header.metadata.get("general.type", "not set")
    if kind != "adapter":
        return failed(
            f"What the command names as an adapter is none: {one.path}.",
            seen(f"general.type = {kind}", file=one.path),
            remedy=_CONVERT,
        )
    mine = header.metadata.get("general.architecture")
    other = None if base is None else base.metadata.get("general.architecture")
    if other is None or mine == other:
        return None
    return failed(
        f"The adapter {one.path} is of another architecture than the model.",
        seen(f"general.architecture = {mine}", file=one.path),
        seen(f"general.architecture = {other} in the model"),
        remedy="Name an adapter that was trained on this model.",
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""
    config = {"adapter_config.json": {"peft_type": "LORA", "r": 8}}
    good, plain = folder(kind="adapter", documents=config), folder(config=LLAMA)
    serve = Intent(action=Action.SERVE, engine="vllm", adapters=("./a",))

    def of(outcome: Outcome, adapter: ModelFolder, intent: Intent, says: str = "") -> Example:
        base = folder(kind="gguf", ggufs=(_gguf("model", "llama"),))
        snapshot = replace(world(base), adapters=(adapter,))
        return Example(outcome=outcome, snapshot=snapshot, intent=intent, says=says)

    def converted(kind: str | None, architecture: str = "llama") -> ModelFolder:
        one = _gguf(kind, architecture)
        return folder(kind="gguf", files=[file("a.gguf", 9_000)], ggufs=(one,))

    yield of(Outcome.PASS, good, serve)
    yield of(Outcome.FAIL, plain, serve, "is none")
    yield of(Outcome.FAIL, plain, replace(serve, engine="sglang"), "is none")
    local = replace(serve, engine="llama.cpp")
    yield of(Outcome.PASS, converted("adapter"), local)
    yield of(Outcome.FAIL, converted("model"), local, "is none")
    yield of(Outcome.FAIL, converted(None), local, "is none")
    yield of(Outcome.FAIL, converted("adapter", "qwen2"), local, "another architecture")
    yield of(Outcome.FAIL, good, local, "no GGUF file")
    yield Example(outcome=Outcome.SKIP, snapshot=world(), intent=serve, says="none of them")
    yield Example(outcome=Outcome.SKIP, snapshot=world(), says="names no adapter")
    yield of(Outcome.SKIP, plain, replace(serve, engine="trl"), "does not apply")


def _gguf(kind: str | None, architecture: str) -> Gguf:
    made = {"general.architecture": architecture, **({"general.type": kind} if kind else {})}
    return Gguf(path="a.gguf", size_bytes=9_000, version=3, metadata=made, tensors=(), data_start=9)
