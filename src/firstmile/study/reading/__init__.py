"""From a source given on the command line to labelled failures and findings about them.

`source` tells what was given. A container (`folders`, `archives`) holds files, whose bytes pass
through `streams`; `json_files` and `tables` turn them into columns as written, `labelling` into
codes of the codebook (`normalization`, `links`, `series`, `dates`), and `quality` judges what
was read. `fetching` brings in what lies behind an https address.
"""

from firstmile.study.reading.ceilings import Ceilings
from firstmile.study.reading.provenance import Provenance, ReadFile, Reading
from firstmile.study.reading.source import PUBLISHED_LAYOUT, read_source

__all__ = ["PUBLISHED_LAYOUT", "Ceilings", "Provenance", "ReadFile", "Reading", "read_source"]
