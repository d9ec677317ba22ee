"""The template opens and closes the thinking part before the model can write into it."""

from firstmile.lab.fault import Fault
from firstmile.lab.workbench import Workbench

FAULT = Fault(
    symptom="incorrect/generation/reasoning-mode",
    cause="tokenizer/control-token",
    stage="inference",
    entry="reasoning-model-skips-its-thinking",
    note="The model never thinks: there is always an empty <think> block.",
)


def run(bench: Workbench) -> None:
    """Format a chat with such a template."""
    from firstmile.lab.libraries import transformers

    folder = bench.model("taught")
    template = folder / "chat_template.jinja"
    ending = "<|im_start|>assistant\n"
    text = template.read_text()
    template.write_text(text.replace(ending, ending + "<think>\n\n</think>\n\n"))
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    chat = [{"role": "user", "content": "How is the weather?"}]
    bench.say(tokenizer.apply_chat_template(chat, tokenize=False, add_generation_prompt=True))
