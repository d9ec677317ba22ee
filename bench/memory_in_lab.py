"""What real libraries take, in the lab's environment: tensors, caches and resident memory.

Run by `bench.memory` with an interpreter that has torch, transformers and peft. It prints JSON.
"""

import gc
import json
import sys
from importlib import import_module
from pathlib import Path
from typing import Any, Final

TOKENS: Final = (1000, 9000)
_MIXTURES: Final = ("GptOssMLP", "Llama4TextMoe")


def main() -> None:
    """Print what one measurement found: `meta`, `caches`, or one `resident` case."""
    what, text = sys.argv[1], sys.argv[2]
    import_module("warnings").filterwarnings("ignore")
    import_module("transformers").logging.set_verbosity_error()
    given = json.loads(Path(text).read_text(encoding="utf-8"))
    measure = {"meta": tensors, "caches": caches, "resident": resident}[what]
    print(json.dumps(measure(given)))


def _without_quantization(config: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in config.items() if key != "quantization_config"}


def tensors(configs: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Return the bytes of all parameters, built on the meta device in the config's type."""
    torch, transformers = import_module("torch"), import_module("transformers")
    found = {}
    for name, config in configs.items():
        plain = _without_quantization(config)
        made = transformers.AutoConfig.for_model(**plain)
        many = "ConditionalGeneration" in plain["architectures"][0]
        kind = "AutoModelForImageTextToText" if many else "AutoModelForCausalLM"
        with torch.device("meta"):
            model = getattr(transformers, kind).from_config(made, dtype=torch.bfloat16)
        found[name] = sum(each.numel() * each.element_size() for each in model.parameters())
    return found


def caches(configs: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Return the bytes of a DynamicCache after prompts of some lengths, on the meta device."""
    torch, transformers = import_module("torch"), import_module("transformers")
    found: dict[str, dict[str, int]] = {}
    for name, config in configs.items():
        made = transformers.AutoConfig.for_model(**_without_quantization(config)).get_text_config()
        found[name] = {}
        with torch.device("meta"):
            model = transformers.AutoModelForCausalLM.from_config(
                made, dtype=torch.bfloat16, attn_implementation="eager"
            )
        for module in model.modules():
            kind = type(module).__name__
            if kind in _MIXTURES:
                module.forward = lambda x, *_, **__: (x, x)
            elif "moe" in kind.lower() and (hasattr(module, "gate") or hasattr(module, "router")):
                module.forward = lambda x, *_, **__: x
        for tokens in TOKENS:
            cache = transformers.DynamicCache(config=made)
            with torch.device("meta"), torch.no_grad():
                model(
                    input_ids=torch.zeros((1, tokens), dtype=torch.long),
                    past_key_values=cache,
                    use_cache=True,
                    logits_to_keep=1,
                )
            found[name][str(tokens)] = sum(_bytes_within(layer, torch) for layer in cache.layers)
    return found


def _bytes_within(layer: Any, torch: Any) -> int:
    size = 0
    for value in vars(layer).values():
        inner = value.values() if isinstance(value, dict) else [value]
        for each in inner:
            if isinstance(each, torch.Tensor) and each.ndim >= 3:
                size += each.numel() * each.element_size()
    return size


def _status(name: str) -> int:
    for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines():
        if line.startswith(name + ":"):
            return int(line.split()[1]) * 1024
    return 0


def resident(case: dict[str, Any]) -> dict[str, Any]:
    """Return resident bytes of a real run on the processor: after loading, and at its peak.

    The model is saved with random weights first, in a process of its own.
    """
    torch, transformers = import_module("torch"), import_module("transformers")
    if case["training"] == "lora":
        import_module("peft")
    torch.set_num_threads(2)
    torch.manual_seed(0)
    dtype = getattr(torch, case["dtype"])
    folder = Path(case["folder"])
    if not (folder / "config.json").exists():
        config = transformers.AutoConfig.for_model(**case["config"])
        transformers.AutoModelForCausalLM.from_config(config, dtype=dtype).save_pretrained(folder)
        return {}
    imported = _status("VmRSS")
    model = transformers.AutoModelForCausalLM.from_pretrained(folder, dtype=dtype)
    loaded = _status("VmRSS")
    gc.collect()
    with Path("/proc/self/clear_refs").open("w", encoding="ascii") as file:
        file.write("5")
    length, batch = case["length"], case["batch"]
    ids = torch.randint(0, case["config"]["vocab_size"], (batch, length))
    if case["training"]:
        if case["training"] == "lora":
            peft = import_module("peft")
            settings = peft.LoraConfig(r=case["rank"], target_modules="all-linear")
            model = peft.get_peft_model(model, settings)
        if case["checkpointing"]:
            model.gradient_checkpointing_enable()
            model.enable_input_require_grads()
        model.train()
        trained = [each for each in model.parameters() if each.requires_grad]
        optimizer = torch.optim.AdamW(trained, lr=1e-5)
        for _ in range(2):
            model(input_ids=ids, labels=ids).loss.backward()
            optimizer.step()
            optimizer.zero_grad()
    else:
        prompt = ids[:, : length - 8]
        model.generate(
            prompt,
            attention_mask=torch.ones_like(prompt),
            max_new_tokens=8,
            min_new_tokens=8,
            do_sample=False,
            pad_token_id=0,
        )
    return {"imported": imported, "loaded": loaded, "peak": _status("VmHWM")}


if __name__ == "__main__":
    main()
