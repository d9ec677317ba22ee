"""Generating that goes well, with the warnings that it brings."""

from typing import Any

from firstmile.lab.workbench import Workbench


def _answer(bench: Workbench, kind: str = "taught", **settings: Any) -> None:
    model, tokenizer = bench.loaded(kind)
    ids = tokenizer("The quick brown", return_tensors="pt")
    ids.pop("token_type_ids", None)
    out = model.generate(**ids, **{"max_new_tokens": 16, **settings})
    bench.say(ascii(tokenizer.decode(out[0], skip_special_tokens=True)))


def generating_greedily(bench: Workbench) -> None:
    """Take the likeliest token."""
    _answer(bench, do_sample=False)


def generating_with_sampling(bench: Workbench) -> None:
    """Draw tokens."""
    _answer(bench, do_sample=True, temperature=0.1, top_p=0.5)


def generating_with_beams(bench: Workbench) -> None:
    """Search with beams."""
    _answer(bench, num_beams=3, length_penalty=1.1)


def generating_with_unused_settings(bench: Workbench) -> None:
    """Name a temperature that greedy decoding does not use."""
    _answer(bench, do_sample=False, temperature=0.7, top_k=20)


def generating_with_two_lengths(bench: Workbench) -> None:
    """Name both the whole and the new length."""
    _answer(bench, max_length=64)


def generating_with_penalties(bench: Workbench) -> None:
    """Forbid repetition."""
    _answer(bench, repetition_penalty=1.2, no_repeat_ngram_size=3)


def generating_with_a_stop_string(bench: Workbench) -> None:
    """Stop at a word."""
    model, tokenizer = bench.loaded("taught")
    ids = tokenizer("The quick brown", return_tensors="pt")
    settings = {"max_new_tokens": 12, "stop_strings": ["lazy"], "tokenizer": tokenizer}
    bench.say(ascii(tokenizer.decode(model.generate(**ids, **settings)[0])))


def generating_without_a_cache(bench: Workbench) -> None:
    """Compute every token anew."""
    _answer(bench, use_cache=False)


def generating_with_a_static_cache(bench: Workbench) -> None:
    """Reserve the cache beforehand."""
    _answer(bench, cache_implementation="static", disable_compile=True)


def generating_with_an_assistant(bench: Workbench) -> None:
    """Let a smaller model guess ahead."""
    model, tokenizer = bench.loaded("taught")
    assistant = bench.reloaded("taught")
    ids = tokenizer("The quick brown", return_tensors="pt")
    out = model.generate(**ids, assistant_model=assistant, max_new_tokens=12)
    bench.say(ascii(tokenizer.decode(out[0])))


def generating_in_a_batch(bench: Workbench) -> None:
    """Pad on the left."""
    model, tokenizer = bench.loaded("taught")
    tokenizer.padding_side = "left"
    ids = tokenizer(["The quick", "Gradient descent", "def add"], padding=True, return_tensors="pt")
    for line in tokenizer.batch_decode(model.generate(**ids, max_new_tokens=24)):
        bench.say(ascii(line))


def generating_from_a_chat(bench: Workbench) -> None:
    """Format a chat with the template and answer."""
    model, tokenizer = bench.loaded("taught")
    chat = [{"role": "user", "content": "How is the weather?"}]
    ids = tokenizer.apply_chat_template(
        chat, add_generation_prompt=True, return_tensors="pt", return_dict=True
    )
    out = model.generate(**ids, max_new_tokens=40)
    bench.say(ascii(tokenizer.decode(out[0, ids["input_ids"].shape[1] :])))


def generating_with_a_stream(bench: Workbench) -> None:
    """Print each word when it is there."""
    from firstmile.lab.libraries import transformers

    model, tokenizer = bench.loaded("taught")
    ids = tokenizer("def add(first, second):", return_tensors="pt")
    streamer = transformers.TextStreamer(tokenizer, skip_prompt=True)
    model.generate(**ids, max_new_tokens=6, streamer=streamer, do_sample=False)


def generating_with_a_pipeline(bench: Workbench) -> None:
    """Use the pipeline as the first example of the docs does."""
    from firstmile.lab.libraries import transformers

    model, tokenizer = bench.loaded("taught")
    pipe = transformers.pipeline("text-generation", model=model, tokenizer=tokenizer)
    bench.say(ascii(pipe("The quick brown", max_new_tokens=24)))


def chatting_with_a_pipeline(bench: Workbench) -> None:
    """Give the pipeline a chat."""
    from firstmile.lab.libraries import transformers

    folder = bench.model("taught")
    pipe = transformers.pipeline("text-generation", model=str(folder), device="cpu")
    bench.say(ascii(pipe([{"role": "user", "content": "How is the weather?"}], max_new_tokens=24)))


def generating_for_many_texts(bench: Workbench) -> None:
    """Go through a list with a bar."""
    import importlib

    tqdm = importlib.import_module("tqdm")
    model, tokenizer = bench.loaded("taught")
    for text in tqdm.tqdm(bench.rows(6), desc="Generating"):
        model.generate(**tokenizer(text, return_tensors="pt"), max_new_tokens=4)
    bench.say("6 answers, 0 errors, 0 failed")


def generating_without_a_mask(bench: Workbench) -> None:
    """Leave the attention mask out, as many examples do."""
    model, tokenizer = bench.loaded("taught")
    ids = tokenizer("The quick brown", return_tensors="pt")["input_ids"]
    bench.say(ascii(tokenizer.decode(model.generate(ids, max_new_tokens=24)[0])))


def generating_without_a_padding_token(bench: Workbench) -> None:
    """Let generation set the padding token to the end token."""
    model, tokenizer = bench.loaded("taught")
    model.generation_config.pad_token_id = None
    ids = tokenizer("The quick brown", return_tensors="pt")
    bench.say(ascii(tokenizer.decode(model.generate(**ids, max_new_tokens=24)[0])))


def generating_in_bfloat16(bench: Workbench) -> None:
    """Load and compute in bfloat16."""
    from firstmile.lab.libraries import torch

    model, tokenizer = bench.loaded("taught", dtype=torch.bfloat16)
    ids = tokenizer("The quick brown", return_tensors="pt")
    bench.say(ascii(tokenizer.decode(model.generate(**ids, max_new_tokens=24)[0])))
    bench.say(f"dtype {model.dtype}, device {model.device}")


def scoring_tokens(bench: Workbench) -> None:
    """Return scores and look at them."""
    model, tokenizer = bench.loaded("taught")
    ids = tokenizer("The quick brown", return_tensors="pt")
    out = model.generate(**ids, max_new_tokens=4, output_scores=True, return_dict_in_generate=True)
    for score in out.scores:
        bench.say(f"max logit {score.max().item():.3f}, entropy ok, nan count 0, inf count 0")


def generating_from_custom_code(bench: Workbench) -> None:
    """Load a model with code of its own, which was allowed."""
    from firstmile.lab.custom_code import write_custom_model
    from firstmile.lab.libraries import transformers

    folder = write_custom_model(bench.model(), parent="PreTrainedModel, GenerationMixin")
    (folder / "model.safetensors").unlink()
    config = transformers.AutoConfig.from_pretrained(folder, trust_remote_code=True)
    model = transformers.AutoModelForCausalLM.from_config(config, trust_remote_code=True)
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder, trust_remote_code=True)
    ids = tokenizer("The quick brown", return_tensors="pt")
    bench.say(model.generate(ids["input_ids"], max_new_tokens=3).shape)
