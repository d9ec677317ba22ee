"""Each token is decoded by itself, and a Chinese character takes several tokens."""

from firstmile.lab.fault import Fault
from firstmile.lab.workbench import Workbench

FAULT = Fault(
    symptom="incorrect/generation/meaningless",
    cause="tokenizer/tokenization",
    stage="inference",
    entry="streamed-text-breaks-characters-into-replacement-signs",
    note="When I decode the tokens one by one, Chinese characters come out broken.",
)


def run(bench: Workbench) -> None:
    """Decode token by token."""
    _, tokenizer = bench.loaded()
    ids = tokenizer("明天会下雨吗？请带伞。")["input_ids"]
    for token in ids:
        bench.say(repr(tokenizer.decode([token])))
