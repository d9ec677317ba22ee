"""The generation config names another end token than the model writes, so it never stops."""

from firstmile.lab.fault import Fault
from firstmile.lab.workbench import Workbench

FAULT = Fault(
    symptom="incorrect/generation/special-token",
    cause="tokenizer/control-token",
    stage="inference",
    entry="chat-goes-on-as-the-user-because-the-end-token-is-not-met",
    note="After the answer the model goes on and continues as the user until the limit is reached.",
)


def run(bench: Workbench) -> None:
    """Answer a chat with the wrong end token."""
    model, tokenizer = bench.loaded("taught")
    model.generation_config.eos_token_id = tokenizer.convert_tokens_to_ids("<|im_start|>") - 1
    chat = [{"role": "user", "content": "How is the weather?"}]
    ids = tokenizer.apply_chat_template(
        chat, add_generation_prompt=True, return_tensors="pt", return_dict=True
    )
    out = model.generate(**ids, max_new_tokens=80, do_sample=False)
    bench.say(ascii(tokenizer.decode(out[0, ids["input_ids"].shape[1] :])))
