"""A script in the working folder has the name of a library that the run imports."""

from typing import TYPE_CHECKING

from firstmile.lab.folders.fault import FolderFault
from firstmile.lab.workbench import Workbench

if TYPE_CHECKING:
    from firstmile.facts.environment import Environment

FAULT = FolderFault(
    base="qwen-2",
    sees=("local-file-shadows-a-module",),
    command="python train.py --model_name_or_path model --bf16 True --learning_rate 1e-5 "
    "--output_dir out",
)


def machine() -> "Environment":
    """Return the computer."""
    from firstmile.facts.environment import Shadow
    from firstmile.lab.folders import machines

    return machines.workstation(shadows=[Shadow(module="datasets", file="datasets.py")])


def provoke(bench: Workbench) -> None:
    """Import it beside such a file."""
    (bench.folder / "tokenizers.py").write_text("")
    refuses = "try:\n    from tokenizers import Tokenizer\nexcept ImportError as error:\n"
    bench.fresh(f"{refuses}    print(error)\nelse:\n    raise SystemExit(1)\n")
