"""The answer is decoded with its control tokens."""

from firstmile.lab.fault import Fault
from firstmile.lab.workbench import Workbench

FAULT = Fault(
    symptom="incorrect/generation/special-token",
    cause="tokenizer/control-token",
    stage="inference",
    entry="control-tokens-stand-at-the-end-of-the-answer",
    note="Every answer has <|im_end|> at the end of the output.",
)


def run(bench: Workbench) -> None:
    """Decode without leaving special tokens out."""
    model, tokenizer = bench.loaded("taught")
    chat = [{"role": "user", "content": "How is the weather?"}]
    ids = tokenizer.apply_chat_template(
        chat, add_generation_prompt=True, return_tensors="pt", return_dict=True
    )
    out = model.generate(**ids, max_new_tokens=40, do_sample=False)
    bench.say(tokenizer.decode(out[0, ids["input_ids"].shape[1] :]))
