"""FSDP is to wrap the layers of Llama in a model of Qwen."""

from firstmile.lab.folders.fault import FolderFault

FAULT = FolderFault(
    base="qwen-2",
    sees=("layer-class-for-fsdp-is-not-in-the-model",),
    machine="four_gpus",
    command="torchrun --nproc_per_node 4 train.py --model_name_or_path model --bf16 True "
    "--fsdp full_shard --fsdp_config fsdp.json --output_dir out",
    files={"fsdp.json": '{"transformer_layer_cls_to_wrap": ["LlamaDecoderLayer"]}'},
)
