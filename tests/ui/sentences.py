"""How a refusal on the command line reads, and failures few enough to be analyzed at once."""

import re

FEW_FAILURES = (
    "symptom,cause,stage\n"
    + "crash/process-killed,hardware/cpu-memory,inference\n" * 3
    + "hang/generation,tokenizer/file,fine-tuning\n" * 3
)


def is_one_sentence(text: str) -> bool:
    """Tell whether a text is one line that names the program and holds no escape."""
    return bool(re.fullmatch(r"firstmile: [^\n\x1b]+\.\n", text))
