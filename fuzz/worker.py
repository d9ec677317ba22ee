"""One target for one slice: python -m fuzz.worker TARGET CORPUS [options of libFuzzer]."""

import importlib
import sys


def main() -> None:
    """Instrument the package, then hand the target to the fuzzer, which ends the process."""
    atheris = importlib.import_module("atheris")
    name, *rest = sys.argv[1:]
    with atheris.instrument_imports(
        include=["firstmile.diagnose", "firstmile.knowledge", "firstmile.rendering"]
    ):
        targets = importlib.import_module("fuzz.targets").TARGETS
    atheris.Setup([sys.argv[0], *rest], targets[name])
    atheris.Fuzz()


if __name__ == "__main__":
    main()
