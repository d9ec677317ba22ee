"""Loading and saving that goes well, with the warnings that it brings."""

from firstmile.lab.workbench import Workbench


def loading_a_model(bench: Workbench) -> None:
    """Load and print the config."""
    model, _ = bench.loaded()
    bench.say(model.config)


def loading_shards(bench: Workbench) -> None:
    """Save in shards and load them."""
    from firstmile.lab.libraries import transformers

    model, _ = bench.loaded()
    model.save_pretrained(bench.folder / "shards", max_shard_size="100KB")
    bench.say(sorted(file.name for file in (bench.folder / "shards").iterdir()))
    transformers.AutoModelForCausalLM.from_pretrained(bench.folder / "shards")


def loading_with_a_device_map(bench: Workbench) -> None:
    """Let accelerate place the layers."""
    model, _ = bench.loaded(device_map={"model": "cpu", "lm_head": "cpu"})
    bench.say(model.device)


def loading_with_offloading(bench: Workbench) -> None:
    """Leave a layer on the disk and generate with it."""
    from firstmile.lab.libraries import transformers

    model = transformers.AutoModelForCausalLM.from_pretrained(
        bench.model(),
        device_map={"model": "cpu", "lm_head": "disk"},
        offload_folder=str(bench.folder / "offload"),
    )
    bench.say(model.hf_device_map)


def loading_a_classifier(bench: Workbench) -> None:
    """Put a new head on a language model: its weights are new, as they have to be."""
    from firstmile.lab.libraries import transformers

    folder = bench.model()
    model = transformers.AutoModelForSequenceClassification.from_pretrained(folder, num_labels=3)
    bench.say(model.score)


def loading_with_unexpected_weights(bench: Workbench) -> None:
    """Load a checkpoint that has more than the model needs."""
    from firstmile.lab.libraries import torch, transformers

    model, _ = bench.loaded()
    state = {**model.state_dict(), "model.rotary_emb.inv_freq": torch.ones(8)}
    model.save_pretrained(bench.folder / "more", state_dict=state)
    transformers.AutoModelForCausalLM.from_pretrained(bench.folder / "more")


def loading_with_an_old_argument(bench: Workbench) -> None:
    """Name the number type as before transformers 5."""
    from firstmile.lab.libraries import torch

    model, _ = bench.loaded(torch_dtype=torch.bfloat16)
    bench.say(model.dtype)


def loading_an_old_checkpoint(bench: Workbench) -> None:
    """Load pytorch_model.bin and save it as safetensors."""
    from firstmile.lab.libraries import torch, transformers

    model, _ = bench.loaded()
    folder = bench.model()
    (folder / "model.safetensors").unlink()
    torch.save(model.state_dict(), folder / "pytorch_model.bin")
    again = transformers.AutoModelForCausalLM.from_pretrained(folder)
    again.save_pretrained(bench.folder / "converted")


def loading_with_debug_lines(bench: Workbench) -> None:
    """Let transformers say all that it has to say."""
    from firstmile.lab.libraries import transformers

    transformers.logging.set_verbosity_debug()
    bench.loaded("qwen2")


def loading_with_eager_attention(bench: Workbench) -> None:
    """Ask for the plain attention and for its weights."""
    model, tokenizer = bench.loaded(attn_implementation="eager")
    out = model(**tokenizer("The weather", return_tensors="pt"), output_attentions=True)
    bench.say([tuple(each.shape) for each in out.attentions])


def loading_with_other_sizes(bench: Workbench) -> None:
    """Replace the output layer on purpose."""
    from firstmile.lab.libraries import transformers

    folder = bench.model("qwen2")
    transformers.AutoModelForCausalLM.from_pretrained(
        folder, vocab_size=410, ignore_mismatched_sizes=True
    )


def enlarging_the_vocabulary(bench: Workbench) -> None:
    """Add tokens and resize the embedding."""
    model, tokenizer = bench.loaded()
    added = tokenizer.add_tokens(["<think>", "</think>"], special_tokens=True)
    model.resize_token_embeddings(len(tokenizer), pad_to_multiple_of=64)
    bench.say(f"Added {added} tokens; the embedding has {model.config.vocab_size} rows.")


def looking_into_safetensors(bench: Workbench) -> None:
    """List names and shapes."""
    from firstmile.lab.libraries import safetensors

    with safetensors.safe_open(bench.model() / "model.safetensors", framework="pt") as opened:
        for name in opened.keys():  # noqa: SIM118 - it is no mapping
            bench.say(f"{name:60} {opened.get_slice(name).get_shape()}")


def counting_weights(bench: Workbench) -> None:
    """Print the layers."""
    model, _ = bench.loaded("gpt2")
    bench.say(model)
    bench.say(f"{sum(weight.numel() for weight in model.parameters()):,} parameters")


def saving_a_model(bench: Workbench) -> None:
    """Save a model and its tokenizer."""
    model, tokenizer = bench.loaded()
    model.save_pretrained(bench.folder / "saved")
    for file in tokenizer.save_pretrained(bench.folder / "saved"):
        bench.say(file)


def saying_what_is_installed(bench: Workbench) -> None:
    """Say what is installed, as reports of problems ask for."""
    from firstmile.lab.libraries import accelerate, peft, torch, transformers

    for library in (torch, transformers, peft, accelerate):
        bench.say(f"{library.__name__}: {library.__version__}")
    bench.say(f"CUDA available: {torch.cuda.is_available()}, error: None, exit code 0")


def loading_in_an_older_way(bench: Workbench) -> None:
    """Read a state dict by hand, with an extra key that is left out."""
    from firstmile.lab.libraries import torch

    model, _ = bench.loaded()
    state = {**model.state_dict(), "extra": torch.ones(1)}
    torch.save(state, bench.folder / "state.pt")
    bench.say(model.load_state_dict(torch.load(bench.folder / "state.pt"), strict=False))
