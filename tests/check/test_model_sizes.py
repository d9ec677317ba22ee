"""The config that a model runs by, flags by their names, and settings of sampling."""

from firstmile.check.command import Command, read_command, words_of
from firstmile.check.intent import Intent, Sampling
from firstmile.check.model_sizes import config_of, denied, sizes_of, stated_in, written
from firstmile.check.quantized_files import quantized_files
from firstmile.check.sampled_words import sampling_value
from firstmile.check.worlds import LLAMA, folder, world
from firstmile.facts.model_folder.folder import Gguf


def read(command: str) -> Intent:
    intent = read_command(Command(words=tuple(words_of(command))))
    assert intent is not None
    return intent


def test_an_adapter_runs_by_the_config_of_its_base() -> None:
    adapter = folder(kind="adapter", documents={"adapter_config.json": {"r": 8}})
    assert config_of(world(adapter)) is None
    assert config_of(world(adapter, base=folder(config=LLAMA))) == LLAMA


def test_a_gguf_states_its_sizes_in_its_header() -> None:
    header = {"general.architecture": "llama", "llama.context_length": 8192}
    gguf = Gguf(path="m.gguf", size_bytes=9, version=3, metadata=header, tensors=(), data_start=9)
    there = world(folder(kind="gguf", ggufs=(gguf,)))
    sizes = sizes_of(there)
    assert sizes is not None
    assert sizes.positions == 8192
    assert stated_in(there) == "m.gguf"


def test_a_broken_gguf_states_nothing() -> None:
    gguf = Gguf(
        path="m.gguf",
        size_bytes=9,
        version=3,
        metadata={},
        tensors=(),
        data_start=9,
        problem="it is cut",
    )
    assert sizes_of(world(folder(kind="gguf", ggufs=(gguf,)))) is None


def test_flags_are_found_by_the_name_of_their_engine() -> None:
    intent = read("vllm serve m --no-enable-chunked-prefill --enable-lora --api-key k")
    assert denied(intent, "enable_chunked_prefill")
    assert not denied(intent, "enable_lora")
    assert written(intent, "enable_lora") == ""
    assert written(intent, "runner", "task") is None


def test_quantization_is_read_in_the_words_of_each_method() -> None:
    awq = quantized_files({"quantization_config": {"quant_method": "awq", "w_bit": 4}})
    assert awq is not None
    assert (awq.method, awq.bits, awq.group) == ("awq", 4, None)
    old = quantized_files({"quantization_config": {"load_in_8bit": True}})
    assert old is not None
    assert old.method == "bitsandbytes"
    inner = {"hidden_size": 8, "vocab_size": 9, "quantization_config": {"quant_method": "fp8"}}
    seen = quantized_files({"text_config": inner})
    assert seen is not None
    assert seen.method == "fp8"
    block = {"quant_method": "fp8", "weight_block_size": [128, 128]}
    blocked = quantized_files({"quantization_config": block})
    assert blocked is not None
    assert blocked.block == (128, 128)
    assert quantized_files(LLAMA) is None


def test_the_command_counts_before_the_file() -> None:
    there = world(folder(documents={"generation_config.json": {"temperature": 0.6, "top_k": 20}}))
    told = Intent(engine="vllm", sampling=Sampling(temperature=0.0))
    temperature = sampling_value(there, told, "temperature")
    assert temperature is not None
    assert (temperature.value, temperature.of_command) == (0, True)
    rest = sampling_value(there, told, "top_k")
    assert rest is not None
    assert (rest.value, rest.of_command) == (20, False)
    assert sampling_value(there, Intent(engine="llama.cpp"), "top_k") is None
    assert sampling_value(there, told, "min_p") is None
