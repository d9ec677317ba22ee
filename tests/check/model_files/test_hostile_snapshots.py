"""Whatever a snapshot states, the checks of model files judge it or skip, and soon."""

import time
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from firstmile.check.intent import Intent
from firstmile.check.running import judge_all
from firstmile.check.unit import check_id, find_checks
from firstmile.check.worlds import machine, world
from firstmile.facts.model_folder.folder import (
    Document,
    File,
    Gguf,
    ModelFolder,
    Pickle,
    Sample,
    Shard,
    ShardIndex,
    Tensor,
)
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

from .test_damaged_folders import CONFIG, OF_FILES, SHAPES

MORE = {
    "gguf-part-is-missing-or-renamed",
    "gguf-number-type-is-not-read",
    "gguf-lacks-settings-of-its-architecture",
    "gguf-tensors-contradict-its-settings",
    "adapter-folder-is-given-as-a-model",
    "number-type-is-newer-than-the-installed-safetensors",
    "safetensors-file-states-no-format",
    "pickled-weights-need-a-newer-torch",
    "file-of-the-cache-differs-from-its-hash",
}
CHECKS = [one for one in find_checks() if check_id(one) in OF_FILES | MORE]

numbers = st.integers(-5, 300) | st.sampled_from([10**12, 10**30, -1])
scalars = st.none() | st.booleans() | numbers | st.floats(allow_nan=True) | st.text(max_size=6)
values = scalars | st.lists(scalars, max_size=3) | st.dictionaries(st.text(max_size=4), scalars)
keys = st.sampled_from(
    [
        *CONFIG,
        *("head_dim", "quantization_config", "text_config", "auto_map", "num_experts"),
        *("num_local_experts", "kv_lora_rank", "q_lora_rank", "qk_nope_head_dim"),
        *("qk_rope_head_dim", "v_head_dim", "num_nextn_predict_layers", "r", "peft_type"),
        *("rank_pattern", "base_model_name_or_path", "init_lora_weights"),
    ]
)
types = st.sampled_from(["model_type", *("llama", "gpt2", "mixtral", "deepseek_v3", "falcon")])
trees = st.dictionaries(keys, values, max_size=6)
names = st.sampled_from(
    [
        *SHAPES,
        *("model.layers.0.mlp.experts.0.up_proj.weight", "blk.0.attn_q.weight", "layers..x"),
        *("token_embd.weight", "h.0.x", "base_model.model.layers.0.q.lora_A.weight"),
        *("model.layers.0.self_attn.q_proj.qweight", "model.layers.0.self_attn.q_proj.scales"),
    ]
)
tensors = st.builds(
    Tensor,
    names,
    st.sampled_from(["F32", "BF16", "U8", "I32", "F4", "type 99", "Q4_0_4_4"]),
    st.lists(st.integers(0, 500), max_size=4).map(tuple),
    st.integers(0, 10**6),
    st.integers(0, 10**6),
)
paths = st.sampled_from(
    [
        *("model.safetensors", "model-00001-of-99999.safetensors", "pytorch_model.bin"),
        *("adapter_model.safetensors", "config.json", "a-00002-of-99999.gguf", "x.part"),
    ]
)
rows = st.lists(tensors, max_size=5).map(tuple)
metadata = st.dictionaries(
    st.sampled_from(
        [
            *("general.architecture", "general.alignment", "general.type", "split.count"),
            *("split.no", "llama.block_count", "llama.embedding_length", "tokenizer.ggml.tokens"),
        ]
    ),
    values | st.just("llama"),
    max_size=6,
)


@st.composite
def snapshots(draw: st.DrawFn) -> Snapshot:
    """Return a snapshot of a folder in which anything may stand."""
    config: dict[str, Any] = {**CONFIG, **draw(trees)}
    if draw(st.booleans()):
        config["model_type"] = draw(types)
    path = draw(paths)
    shard = Shard(
        path=path,
        size_bytes=draw(st.integers(0, 10**6)),
        header_bytes=draw(st.integers(0, 100)),
        tensors=draw(rows),
    )
    gguf = Gguf(
        path=draw(paths),
        size_bytes=9,
        version=3,
        metadata=draw(metadata),
        tensors=draw(rows),
        data_start=9,
    )
    sample = Sample(
        tensor=draw(names), path=path, read=draw(st.integers(0, 9999)), nan=0, infinite=0,
        zero=draw(st.integers(0, 9999)), largest=None,
    )  # fmt: skip
    weights = draw(st.dictionaries(names, paths, max_size=3))
    model = ModelFolder(
        path="model",
        kind=draw(st.sampled_from(["transformers", "adapter", "gguf", "unknown"])),
        files=tuple(File(path=each, size_bytes=9, kind="file", looks="other") for each in {path}),
        documents={
            "config.json": Document(path="config.json", value=config),
            "adapter_config.json": Document(path="adapter_config.json", value=draw(trees)),
        },
        index=ShardIndex(path="model.safetensors.index.json", weight_map=weights, total_size=None)
        if weights
        else None,
        shards=(shard,),
        ggufs=(gguf,),
        pickles=(Pickle(path=path, size_bytes=9, imports=("os.system",), problem=None),),
        samples=(sample,),
    )
    return world(model, machine(packages={"transformers": "4.57.1"}), base=model)


@settings(max_examples=60, deadline=None)
@given(snapshots())
def test_nothing_that_is_stated_breaks_a_check(snapshot: Snapshot) -> None:
    start = time.perf_counter()
    found = judge_all(CHECKS, snapshot, Intent())
    assert [each.source for each in found if each.outcome is Outcome.ERROR] == []
    assert time.perf_counter() - start < 5
