"""A mirror answered with a page of HTML, which was stored as the weights."""

from firstmile.lab.fault import Fault
from firstmile.lab.workbench import Workbench

FAULT = Fault(
    symptom="loading/model/validation-failed",
    cause="corruption/safetensors",
    entry="safetensors-file-is-a-pointer-or-not-a-safetensors-file",
)


def run(bench: Workbench) -> None:
    """Put a web page in the place of the weights and load them."""
    from firstmile.lab.libraries import safetensors

    folder = bench.model()
    weights = folder / "model.safetensors"
    weights.write_text("<!DOCTYPE html>\n<html><head><title>503</title></head></html>\n" * 20)
    with safetensors.safe_open(weights, framework="pt") as opened:
        bench.say(opened.keys())
