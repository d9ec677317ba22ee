"""What each foreseen case tells of its machine, model and command, as snapshots and intents."""

from collections.abc import Mapping
from typing import Final

from check.foreseen import (
    files_and_machines,
    further,
    more_scripts,
    scripts_and_settings,
    servers_and_notebooks,
)
from check.foreseen.told import Told

WORLDS: Final[Mapping[str, Told | tuple[Told, ...]]] = {
    **files_and_machines.WORLDS,
    **scripts_and_settings.WORLDS,
    **more_scripts.WORLDS,
    **further.WORLDS,
    **servers_and_notebooks.WORLDS,
}
"""Facts by case; where a case leaves several possible, each of them must be told of."""
