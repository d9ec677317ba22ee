"""The cache of an earlier prompt is used again for another one, which is then read wrongly."""

from firstmile.lab.fault import Fault
from firstmile.lab.workbench import Workbench

FAULT = Fault(
    symptom="incorrect/generation/meaningless",
    cause="algorithm/kv-cache",
    stage="inference",
    entry="quantized-or-reused-cache-spoils-the-answers",
    note="With cache reuse between requests the answers are wrong; without it they are right.",
)


def run(bench: Workbench) -> None:
    """Answer with a fresh cache and with a used one."""
    from firstmile.lab.libraries import transformers

    model, tokenizer = bench.loaded("taught")
    used = transformers.DynamicCache(config=model.config)
    model(**tokenizer("Wie warm ist es heute, und", return_tensors="pt"), past_key_values=used)
    used.crop(3 - used.get_seq_length())
    ids = tokenizer("The quick brown", return_tensors="pt")
    for cache in (None, used):
        out = model.generate(**ids, past_key_values=cache, max_new_tokens=14, do_sample=False)
        bench.say(ascii(tokenizer.decode(out[0])))
