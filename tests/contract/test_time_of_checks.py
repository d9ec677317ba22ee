"""No check takes more than its share of time over a folder that holds many of everything."""

from time import process_time
from typing import Any, Final

import pytest

from firstmile.check.command import Command, read_command
from firstmile.check.running import judge_one
from firstmile.check.template_worlds import chatml, template, tokenizer
from firstmile.check.unit import check_id, find_checks
from firstmile.check.worlds import LLAMA, file, folder, gpu, machine, shard, world
from firstmile.facts.model_folder.folder import (
    AddedToken,
    Code,
    Gguf,
    Pickle,
    Sample,
    ShardIndex,
    Tensor,
)
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

MANY: Final = 20_000
MOST_SECONDS: Final = 2.0
"""Far more than a pass over all of it takes, and far less than a pass for each of them."""


def snapshot_of(kind: str) -> Snapshot:
    """Return a machine and a folder with thousands of tokens, files, tensors, layers and names."""
    names = [f"part{number}.w{number % 7}.weight" for number in range(MANY)]
    ids = list(range(MANY))
    config: dict[str, Any] = {
        **LLAMA,
        "eos_token_id": ids,
        "layer_types": ["full_attention"] * MANY,
        "auto_map": {f"Auto{number}": f"own{number}.Own" for number in range(MANY)},
        "quantization_config": {"quant_method": "fp8", "modules_to_not_convert": names},
        "rope_scaling": {"rope_type": "longrope", "short_factor": ids, "long_factor": ids},
    }
    config |= {f"odd{number}": number for number in range(MANY)}
    adapter = {"peft_type": "LORA", "r": 8, "target_modules": names, "rank_pattern": {}}
    tokens = tuple(
        AddedToken(id=2**18 + number, content=f"<|t{number}|>", special=True)
        for number in range(MANY)
    )
    decoder = {str(one.id): {"content": one.content, "special": True} for one in tokens}
    settings = {
        "added_tokens_decoder": decoder,
        "additional_special_tokens": [one.content for one in tokens],
        "eos_token": tokens[0].content,
        "model_max_length": 4096,
    }
    tensors: dict[str, tuple[str, list[int]]] = {name: ("BF16", [8, 8]) for name in names[::2]}
    tensors |= {
        f"model.layers.{number}.mlp.experts.{number}.up_proj.weight": ("F32", [8, 8])
        for number in range(MANY // 2)
    }
    path = "adapter_model.safetensors" if kind == "adapter" else "model-00001-of-00002.safetensors"
    metadata: dict[str, Any] = {"general.architecture": "llama", "tokenizer.ggml.tokens": names}
    model = folder(
        kind=kind,
        config=config,
        documents={
            "tokenizer_config.json": settings,
            "generation_config.json": {"eos_token_id": ids, "stop_strings": names},
            "special_tokens_map.json": settings,
            "added_tokens.json": {one.content: one.id + 1 for one in tokens},
            **({"adapter_config.json": adapter} if kind == "adapter" else {}),
        },
        files=[file(f"d{number}/model-{number:05}-of-{MANY:05}.gguf") for number in range(MANY)]
        + [file(f"a{number}.py") for number in range(MANY)],
        index=ShardIndex(
            path="model.safetensors.index.json",
            weight_map={name: f"model-{place:05}.safetensors" for place, name in enumerate(names)},
            total_size=1,
        ),
        shards=[shard(tensors, path=path)],
        ggufs=tuple(
            Gguf(
                path=f"m{number}.gguf",
                size_bytes=9,
                version=3,
                metadata=metadata,
                tensors=tuple(Tensor(name, "Q4_K", (8, 8), 0, 9) for name in names[:100]),
                data_start=0,
            )
            for number in range(100 if kind == "gguf" else 0)
        ),
        pickles=(Pickle(path="x.bin", size_bytes=9, imports=tuple(names)),),
        code=tuple(
            Code(path=f"own{number}.py", imports=(f"p{number}",), guarded=(), classes=("Own",))
            for number in range(MANY)
        ),
        tokenizer=tokenizer(tokens, size=2**18 + MANY),
        templates=tuple(template(chatml, name=f"t{number}") for number in range(200)),
        samples=tuple(
            Sample(tensor=name, path=path, read=9, nan=1, infinite=0, zero=9, largest=None)
            for name in names
        ),
    )
    here = machine(gpus=[gpu()], packages={"vllm": "0.11.0", "transformers": "4.57.1"})
    return world(model, here)


@pytest.mark.parametrize("kind", ["transformers", "adapter", "gguf"])
@pytest.mark.parametrize("command", ["vllm serve m", "trl sft --model_name_or_path m --use_peft"])
def test_a_check_takes_time_in_proportion(kind: str, command: str) -> None:
    snapshot = snapshot_of(kind)
    intent = read_command(Command(words=tuple(command.split())))
    assert intent is not None
    slow = {}
    for check in find_checks():
        began = process_time()
        found = judge_one(check, snapshot, intent)
        if (took := process_time() - began) > MOST_SECONDS:
            slow[check_id(check)] = round(took, 1)
        assert all(each.outcome is not Outcome.ERROR for each in found), check_id(check)
    assert not slow
