"""The template wants user and assistant in turns, and the chat begins with a system message."""

from firstmile.lab.fault import Fault
from firstmile.lab.workbench import Workbench

FAULT = Fault(
    symptom="crash/value/other",
    cause="api/compatibility",
    entry="chat-template-refuses-the-order-or-role-of-messages",
)


def run(bench: Workbench) -> None:
    """Format a chat in an order that the template refuses."""
    from firstmile.lab.libraries import transformers

    folder = bench.model()
    (folder / "chat_template.jinja").write_text(
        "{% for message in messages %}"
        "{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}"
        "{{ raise_exception('Conversation roles must alternate user/assistant/user/...') }}"
        "{% endif %}{{ message['content'] }}{% endfor %}"
    )
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    chat = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hello"}]
    bench.say(tokenizer.apply_chat_template(chat, tokenize=False))
