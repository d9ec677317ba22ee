"""Provoking: running a damaged folder, and insisting that it fails or misbehaves."""

from collections.abc import Callable
from typing import Any

from firstmile.lab.folders.fault import MODEL
from firstmile.lab.workbench import Workbench


def refused(bench: Workbench, work: Callable[[], Any], *says: str) -> None:
    """Do what must end in an error whose text holds one of `says`; says what it was."""
    try:
        work()
    except (Exception, SystemExit) as error:
        text = f"{type(error).__name__}: {error}"
        assert not says or any(one in text for one in says), f"another error: {text[:600]}"
        bench.say(f"refused: {text.strip()[:300]}")
        return
    raise AssertionError("nothing failed")


def load(bench: Workbench, **options: Any) -> Any:
    """Load the model with transformers."""
    from firstmile.lab.libraries import transformers

    return transformers.AutoModelForCausalLM.from_pretrained(bench.folder / MODEL, **options)


def load_tokenizer(bench: Workbench, **options: Any) -> Any:
    """Load the tokenizer with transformers."""
    from firstmile.lab.libraries import transformers

    return transformers.AutoTokenizer.from_pretrained(bench.folder / MODEL, **options)


def told_of_loading(bench: Workbench) -> dict[str, Any]:
    """Load the model and return what transformers tells of it: missing and unexpected keys."""
    from firstmile.lab.libraries import transformers

    _, told = transformers.AutoModelForCausalLM.from_pretrained(
        bench.folder / MODEL, output_loading_info=True, ignore_mismatched_sizes=True
    )
    return dict(told)


def written(bench: Workbench, *, tokens: int = 12, **options: Any) -> list[int]:
    """Generate greedily on a short prompt and return the new ids."""
    from firstmile.lab.libraries import torch

    model = load(bench, dtype=torch.float32)
    prompt = torch.tensor([[5, 6, 7, 8]])
    mask = torch.ones_like(prompt)
    out = model.generate(
        prompt, attention_mask=mask, max_new_tokens=tokens, do_sample=False, **options
    )
    return [int(each) for each in out[0][prompt.shape[1] :]]


def logits(bench: Workbench) -> Any:
    """Return what a model computes for a short prompt."""
    from firstmile.lab.libraries import torch

    with torch.no_grad():
        return load(bench, dtype=torch.float32)(torch.tensor([[5, 6, 7, 8]])).logits


def chat(bench: Workbench, *messages: tuple[str, str], **options: Any) -> str:
    """Return a conversation as the folder's template writes it."""
    said = [{"role": role, "content": text} for role, text in messages]
    return str(load_tokenizer(bench).apply_chat_template(said, tokenize=False, **options))


def is_random(bench: Workbench, part: str) -> None:
    """Insist that loading leaves a part of the model to chance and tells so at most in a log."""
    missing = [str(name) for name in told_of_loading(bench)["missing_keys"]]
    assert any(part in name for name in missing), f"not missing: {missing}"
    bench.say(f"random after loading: {len(missing)} tensors, {missing[0]} the first")


def is_left_out(bench: Workbench, part: str) -> None:
    """Insist that loading passes over tensors of the files."""
    unexpected = [str(name) for name in told_of_loading(bench)["unexpected_keys"]]
    assert any(part in name for name in unexpected), f"not unexpected: {unexpected}"
    bench.say(f"left out by loading: {len(unexpected)} tensors, {unexpected[0]} the first")


def runs_to_its_limit(bench: Workbench, stop: str) -> None:
    """Insist that the token that ends an answer is none at which generation stops."""
    tokenizer, model = load_tokenizer(bench), load(bench)
    end = model.generation_config.eos_token_id
    stops = {end} if isinstance(end, int) else set(end or ())
    wanted = tokenizer.convert_tokens_to_ids(stop)
    assert wanted not in stops, f"{stop} stops generation"
    head = model.get_output_embeddings()
    bias = [(0.0, 1e4)[place == wanted] for place in range(head.weight.shape[0])]
    made = _generated_with(model, bias)
    assert len(made) == _LIMIT, f"stopped after {len(made)}"
    bench.say(f"{stop} was written {made.count(wanted)} times, up to the limit of {_LIMIT}")


_LIMIT = 24


def _generated_with(model: Any, bias: list[float]) -> list[int]:
    """Generate with some tokens made likely, as training would have made them."""
    from firstmile.lab.libraries import torch

    prompt = torch.tensor([[5, 6, 7, 8]])
    out = model.generate(
        prompt,
        attention_mask=torch.ones_like(prompt),
        max_new_tokens=_LIMIT,
        do_sample=False,
        logits_processor=[lambda _, scores: scores + torch.tensor(bias)],
    )
    return [int(each) for each in out[0][prompt.shape[1] :]]
