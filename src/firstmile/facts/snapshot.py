"""A snapshot: what was read off a machine and a model, as one thing to judge, save and send."""

from typing import Final

import msgspec

from firstmile.facts.environment import Environment
from firstmile.facts.model_folder.folder import ModelFolder

SCHEMA: Final = 1
"""Goes up when a field changes its meaning or leaves; new fields do not raise it."""


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """What is judged: a machine, a model, the base of an adapter; None where not looked at.

    `others` are environments of further machines that take part in the same run, `adapters` the
    folders of LoRA adapters that the command puts on the model, `tokenizer` the folder of one that
    it names beside the model.
    """

    environment: Environment | None = None
    model: ModelFolder | None = None
    base: ModelFolder | None = None
    others: tuple[Environment, ...] = ()
    adapters: tuple[ModelFolder, ...] = ()
    tokenizer: ModelFolder | None = None
    schema: int = SCHEMA
