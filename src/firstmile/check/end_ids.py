"""The ids of `eos_token_id` that a remedy names: those that the model can write, and one more."""

from collections.abc import Iterable

from firstmile.facts.model_folder.architecture import read_architecture
from firstmile.facts.model_folder.folder import ModelFolder


def with_end(stops: Iterable[int], end: int, model: ModelFolder) -> list[int]:
    """Return the ids at which generation stops with one more, without those that no row has."""
    rows = None if model.config is None else read_architecture(model.config).vocabulary
    kept = [one for one in stops if one != end and one >= 0 and (rows is None or one < rows)]
    return [*kept, end]
