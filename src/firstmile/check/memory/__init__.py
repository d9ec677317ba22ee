"""The memory of a run, with an error bar, before it runs.

`blueprint` counts a model's numbers from its config, `weights` turns them (or the headers of
files) into bytes, `quantization` says what a packed number takes, `kv_cache` what a token of
context keeps. `settings` are an engine's defaults, `spread` lays weights on devices, `inference`
and `fine_tuning` put the parts together, and `estimate` does all of it for a snapshot and an
intent. Pure: data in, data out.
"""

from firstmile.check.memory.estimate import estimate
from firstmile.check.memory.sizing import MEASURED_ON_GPU, Fit, Part, Place, Sizing

__all__ = ["MEASURED_ON_GPU", "Fit", "Part", "Place", "Sizing", "estimate"]
