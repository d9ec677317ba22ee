"""The base model's tokenizer has no chat template, and a chat is formatted with it."""

from firstmile.lab.fault import Fault
from firstmile.lab.workbench import Workbench

FAULT = Fault(
    symptom="crash/value/value-error",
    cause="tokenizer/control-token",
    entry="chat-template-is-not-set",
)


def run(bench: Workbench) -> None:
    """Remove the template and format a chat."""
    from firstmile.lab.libraries import transformers

    folder = bench.model()
    (folder / "chat_template.jinja").unlink()
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    bench.say(tokenizer.apply_chat_template([{"role": "user", "content": "Hello"}]))
