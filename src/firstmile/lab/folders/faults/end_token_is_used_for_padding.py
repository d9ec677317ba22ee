"""The padding token is the end token, which the loss leaves out with the padding."""

from firstmile.lab.folders.fault import FolderFault
from firstmile.lab.folders.provoking import load_tokenizer
from firstmile.lab.workbench import Workbench

FAULT = FolderFault(
    base="deepseek-v3",
    sees=("padding-token-is-the-end-token-in-fine-tuning",),
    machine="server",
    command="python train.py --model_name_or_path model --bf16 True --learning_rate 1e-5 "
    "--output_dir out",
)


def provoke(bench: Workbench) -> None:
    """Make labels of a text that ends."""
    from firstmile.lab.libraries import transformers

    tokenizer = load_tokenizer(bench)
    ids = [*tokenizer("Some words.").input_ids, tokenizer.eos_token_id]
    collate = transformers.DataCollatorForLanguageModeling(tokenizer, mlm=False)
    labels = collate([{"input_ids": ids}])["labels"][0].tolist()
    assert labels[-1] == -100, labels
    bench.say(f"the end token has the label {labels[-1]}: it is never learnt")
