"""Quantizing and converting that goes well."""

from typing import Any

from firstmile.lab.small_gguf import write_gguf
from firstmile.lab.workbench import Workbench


def quantizing_linear_layers(bench: Workbench) -> None:
    """Quantize for the CPU with torch's own means, which torch says will go."""
    from firstmile.lab.libraries import torch

    model, tokenizer = bench.loaded("gpt2")
    small = torch.ao.quantization.quantize_dynamic(model, {torch.nn.Linear}, dtype=torch.qint8)
    ids = tokenizer("The weather", return_tensors="pt")
    bench.say(small(ids["input_ids"]).logits.shape)


def measuring_the_error_of_rounding(bench: Workbench) -> None:
    """Round each layer to 8 bits and print the error."""
    model, _ = bench.loaded()
    for name, weight in model.named_parameters():
        scale = weight.detach().abs().max() / 127
        error = (weight - (weight / scale).round() * scale).abs().mean().item()
        bench.say(f"{name}: avg loss {error:.6f} | damp 0.01 | fail: False")


def converting_to_half_precision(bench: Workbench) -> None:
    """Save in float16 what was float32."""
    from firstmile.lab.libraries import torch

    model, _ = bench.loaded()
    model.to(torch.float16).save_pretrained(bench.folder / "half")
    bench.say({str(weight.dtype) for weight in model.parameters()})


def writing_gguf(bench: Workbench) -> None:
    """Write the weights as GGUF and read them again."""
    from firstmile.lab.libraries import gguf

    model, _ = bench.loaded()
    file = str(bench.folder / "model.gguf")
    writer = gguf.GGUFWriter(file, "llama")
    writer.add_block_count(2)
    for name, weight in model.state_dict().items():
        writer.add_tensor(name, weight.numpy())
        bench.say(f"{name}, shape = {list(weight.shape)}, torch.float32 --> F32")
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file(progress=True)
    writer.close()
    _list(bench, gguf.GGUFReader(file))


def _list(bench: Workbench, reader: Any) -> None:
    for field in reader.fields.values():
        bench.say(f"kv {field.name}")
    bench.say(f"{len(reader.tensors)} tensors, 0 missing, 0 failed")


def quantizing_into_gguf(bench: Workbench) -> None:
    """Quantize each weight to Q8_0 and say how much was saved."""
    from firstmile.lab.libraries import gguf

    model, _ = bench.loaded()
    for place, (name, weight) in enumerate(model.state_dict().items(), start=1):
        if weight.dim() == 2:
            packed = gguf.quants.quantize(weight.numpy(), gguf.GGMLQuantizationType.Q8_0)
            before, after = weight.numel() * 4 / 1024, packed.nbytes / 1024
            bench.say(f"[{place:4}/  21] {name:50} - size = {before:.2f} KiB -> {after:.2f} KiB")


def generating_with_llama_cpp(bench: Workbench) -> None:
    """Load a GGUF file with llama.cpp, which says all that it reads, and generate."""
    from firstmile.lab.libraries import llama_cpp

    engine = llama_cpp.Llama(str(write_gguf(bench)), n_ctx=128)
    answer = engine("The weather in Paris", max_tokens=8)
    bench.say(answer["usage"])
