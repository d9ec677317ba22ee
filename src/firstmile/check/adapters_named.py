"""Adapters that a command puts on its model: how they are named, and what checks say of each."""

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from msgspec.structs import replace

from firstmile.check.command import Command
from firstmile.check.intent import Intent, NamedFile
from firstmile.check.unit import Check
from firstmile.check.verdicts import Verdict
from firstmile.facts.model_folder.folder import ModelFolder
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Evidence, Outcome

_PATHS: Final = ("path", "lora_path")
"""The field of vLLM's JSON, and that of SGLang's."""
_JUDGED_BY: Final = frozenset(
    (
        "adapter_does_not_fit_its_base",
        "adapter_is_of_a_kind_that_vllm_does_not_serve",
        "adapter_rank_contradicts_its_config",
        "adapter_rank_is_above_the_server_limit",
        "adapter_was_saved_untrained",
        "adapter_weights_are_missing_or_empty",
        "json_file_of_the_folder_cannot_be_read",
        "safetensors_file_has_another_size_than_its_header_says",
        "safetensors_header_contradicts_itself",
        "weight_file_is_a_pointer_or_a_web_page",
        "weights_hold_nan_or_infinity",
    )
)
"""Checks whose question arises of an adapter beside the model as it does of one that is given."""
_APART: Final = "does not apply: "


def adapter_paths(modules: object) -> tuple[str, ...]:
    """Return the paths of adapters, or their names on the Hub.

    Servers take each as `PATH`, as `NAME=PATH`, or as JSON with a path in it.
    """
    if not isinstance(modules, Sequence) or isinstance(modules, str):
        return ()
    return tuple(filter(None, (_path_of(str(each)) for each in modules)))


def _path_of(module: str) -> str:
    if module.startswith("{"):
        try:
            tree = json.loads(module)
        except (ValueError, RecursionError):
            return module
        said = (tree.get(name) for name in _PATHS) if isinstance(tree, dict) else ()
        return next((one for one in said if isinstance(one, str)), module)
    return module.partition("=")[2] or module


def missing_folders(command: Command, *paths: str | None) -> tuple[NamedFile, ...]:
    """Return those folders that a command names by their paths and that are not there.

    A name such as the Hub has is a path only where something lies there: engines ask the Hub for
    others.
    """
    found = (
        one
        for path in paths
        if path is not None and (path.startswith(("/", "./", "../")) or path.count("/") > 1)
        for one in command.file(path.rstrip("/"))
    )
    return tuple(one for one in found if not one.is_there)


def with_adapters(
    check: Check, snapshot: Snapshot, intent: Intent, verdicts: Sequence[Verdict]
) -> Sequence[Verdict]:
    """Return what a check says, with its answers on the adapters that the command names.

    Where it has any, that it did not look at the model is no answer.
    """
    if not snapshot.adapters or check.__name__.rpartition(".")[2] not in _JUDGED_BY:
        return verdicts
    more = tuple(_of_each(check, snapshot, intent))
    if not more:
        return verdicts
    return (*(one for one in verdicts if one.outcome is not Outcome.SKIP), *more)


def _of_each(check: Check, snapshot: Snapshot, intent: Intent) -> Iterator[Verdict]:
    for adapter in snapshot.adapters:
        one = replace(snapshot, model=adapter, base=snapshot.model, adapters=())
        answer = check.judge(one, intent)
        found: Iterable[Verdict] = (answer,) if isinstance(answer, Verdict) else answer
        yield from (
            _told_of(each, adapter) for each in found if not each.message.startswith(_APART)
        )


def _told_of(verdict: Verdict, adapter: ModelFolder) -> Verdict:
    """Return a verdict that says which adapter it is of, in its sentence and for its files."""
    end = "." if verdict.message.endswith(".") else ""
    return replace(
        verdict,
        message=f"{verdict.message.removesuffix('.')} ({adapter.path}){end}",
        evidence=tuple(
            one if one.file is None else Evidence(text=one.text, file=f"{adapter.path}/{one.file}")
            for one in verdict.evidence
        ),
    )
