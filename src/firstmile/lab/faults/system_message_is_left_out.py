"""The chat template has no place for a system message and leaves it out without a word."""

from firstmile.lab.fault import Fault
from firstmile.lab.workbench import Workbench

FAULT = Fault(
    symptom="incorrect/generation/not-following-instructions",
    cause="tokenizer/control-token",
    stage="inference",
    entry="system-prompt-has-no-effect",
    note="The system prompt is ignored, whatever I write into it.",
)


def run(bench: Workbench) -> None:
    """Format a chat with a system message."""
    from firstmile.lab.libraries import transformers

    folder = bench.model("taught")
    (folder / "chat_template.jinja").write_text(
        "{% for message in messages %}{% if message['role'] == 'user' %}<|im_start|>user\n"
        "{{ message['content'] }}<|im_end|>\n{% endif %}{% endfor %}<|im_start|>assistant\n"
    )
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    chat = [
        {"role": "system", "content": "Answer in French."},
        {"role": "user", "content": "How is the weather?"},
    ]
    bench.say(tokenizer.apply_chat_template(chat, tokenize=False))
