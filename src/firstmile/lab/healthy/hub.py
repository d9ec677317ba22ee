"""Downloads that end well."""

import json

from firstmile.lab.small_hub import hub
from firstmile.lab.workbench import Workbench


def downloading_a_file(bench: Workbench) -> None:
    """Download one file, then find it in the cache."""
    from firstmile.lab.libraries import huggingface_hub

    with hub({"config.json": b"{}"}) as address:
        for _ in range(2):
            path = huggingface_hub.hf_hub_download("acme/tiny", "config.json", endpoint=address)
            bench.say(path)


def downloading_weights(bench: Workbench) -> None:
    """Download with a bar."""
    from firstmile.lab.libraries import huggingface_hub

    with hub({"model.safetensors": bytes(3_000_000)}) as address:
        bench.say(
            huggingface_hub.hf_hub_download("acme/tiny", "model.safetensors", endpoint=address)
        )


def asking_for_what_may_be_missing(bench: Workbench) -> None:
    """Ask for an optional file that the repository does not have."""
    from firstmile.lab.libraries import huggingface_hub

    with hub({"config.json": b"{}"}) as address:
        api = huggingface_hub.HfApi(endpoint=address)
        bench.say(api.file_exists("acme/tiny", "generation_config.json"))


def configuring_from_the_hub(bench: Workbench) -> None:
    """Read a config from the Hub without an account."""
    config = json.dumps({"model_type": "llama", "hidden_size": 64, "num_attention_heads": 4})
    with hub({"config.json": config.encode()}) as address:
        bench.fresh(
            "from transformers import AutoConfig\n\n"
            "print(AutoConfig.from_pretrained('acme/tiny'))\n",
            HF_ENDPOINT=address,
        )
