"""Programs, ports, CUDA's libraries, shadows, cached models and names that libraries know."""

import os
from pathlib import Path

from firstmile.facts.hub_cache import cache_key, read_hub_cache
from firstmile.facts.library_names import read_library_names
from firstmile.facts.search_path import read_libraries, read_programs, read_shadows
from firstmile.facts.sockets import read_ports
from firstmile.facts.variables import read_variables

from .machines import machine


def test_programs_are_found_on_the_path(tmp_path: Path) -> None:
    made = machine(tmp_path, tools={"gcc": "#!/bin/sh\n", "unknown": "#!/bin/sh\n"})
    assert [each.name for each in read_programs(made)] == ["gcc"]


def test_ports_are_those_on_which_something_listens(tmp_path: Path) -> None:
    line = "   {n}: 0100007F:{port} 00000000:0000 {state} 00000000:00000000 00:00000000 0 0 0 1\n"
    text = "  sl  local_address rem_address   st\n" + "".join(
        line.format(n=n, port=port, state=state)
        for n, (port, state) in enumerate([("1F90", "0A"), ("0016", "01"), ("zzzz", "0A")])
    )
    assert read_ports(machine(tmp_path, {"/proc/net/tcp": text})) == (8080,)


def test_a_library_of_cuda_has_the_longest_version_of_its_names(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    for folder, version in ((first, "12.1.105"), (second, "12.4.127")):
        folder.mkdir()
        (folder / f"libnvJitLink.so.{version}").write_text("")
        (folder / "libnvJitLink.so.12").symlink_to(f"libnvJitLink.so.{version}")
    path = os.pathsep.join(["", str(first), str(second), str(tmp_path / "missing")])
    (found,) = read_libraries(machine(tmp_path, variables={"LD_LIBRARY_PATH": path}))
    assert (found.name, found.version) == ("libnvJitLink", "12.1.105")


def test_shadows_are_files_and_packages_with_names_of_modules(tmp_path: Path) -> None:
    for name in ("torch.py", "grp.py", "train.py", "setup.py"):
        (tmp_path / name).write_text("")
    for name in ("transformers", "vllm"):
        (tmp_path / name).mkdir()
    (tmp_path / "vllm" / "__init__.py").write_text("")
    found = [(each.module, each.file) for each in read_shadows(tmp_path)]
    assert found == [("grp", "grp.py"), ("torch", "torch.py"), ("vllm", "vllm")]


def test_cached_models_are_known_by_key_and_only_with_files(tmp_path: Path) -> None:
    hub = tmp_path / "hub"
    for name, has_file in (("models--Qwen--Qwen3-8B", True), ("models--a--b", False)):
        snapshot = hub / name / "snapshots" / "abc"
        snapshot.mkdir(parents=True)
        if has_file:
            (snapshot / "config.json").write_text("{}")
    found = read_hub_cache(machine(tmp_path, variables={"HF_HUB_CACHE": str(hub)}))
    assert found == (cache_key("Qwen/Qwen3-8B"),)
    assert read_hub_cache(machine(tmp_path, variables={"HF_HUB_CACHE": "/nowhere"})) == ()


def test_variables_say_whether_their_file_is_there_and_no_more_of_a_proxy(tmp_path: Path) -> None:
    made = machine(
        tmp_path,
        variables={
            "SSL_CERT_FILE": str(tmp_path / "gone.pem"),
            "CUDA_HOME": str(tmp_path),
            "CC": "no-such-compiler -O2",
            "ALL_PROXY": "socks5h://ada:secret@proxy.corp.example:1080",
            "no_proxy": "corp.example,127.0.0.1",
        },
    )
    known = {each.name: each for each in read_variables(made)}
    assert [known[name].exists for name in ("SSL_CERT_FILE", "CUDA_HOME", "CC")] == [
        False,
        True,
        False,
    ]
    assert (known["ALL_PROXY"].value, known["ALL_PROXY"].detail) == ("<set>", "socks5h")
    assert known["no_proxy"].detail == "localhost"


def test_names_that_libraries_know_are_read_from_their_source(tmp_path: Path) -> None:
    sources = {
        "transformers/models/auto/configuration_auto.py": (
            'CONFIG_MAPPING_NAMES = OrderedDict(\n    [\n        ("llama", "LlamaConfig"),\n'
            '        ("qwen3", "Qwen3Config"),\n    ]\n)\n'
        ),
        "transformers/quantizers/auto.py": (
            'AUTO_QUANTIZATION_CONFIG_MAPPING = {\n    "fbgemm_fp8": FbgemmFp8Config,\n}\n'
        ),
        "transformers/training_args.py": (
            "class TrainingArguments:\n    eval_strategy: str = 1\n    output_dir: str | None = 2\n"
        ),
        "vllm/model_executor/models/registry.py": (
            '_MODELS = {\n    "LlamaForCausalLM": ("llama", "LlamaForCausalLM"),\n}\n'
        ),
        "vllm/transformers_utils/config.py": (
            "_CONFIG_REGISTRY: dict[str, type] = LazyConfigDict(\n"
            '    chatglm="ChatGLMConfig",\n    **{"unlimited-ocr": "UnlimitedOCRConfig"},\n)\n'
            '\n\nx = dict(other="OtherConfig")\n'
        ),
        "vllm/model_executor/layers/quantization/__init__.py": (
            'QuantizationMethods = Literal[\n    "awq",\n    "compressed-tensors",\n]\n'
        ),
        "sglang/srt/models/llama.py": "EntryClass = [LlamaForCausalLM, Phi3ForCausalLM]\n",
        "sglang/srt/models/qwen2.py": "EntryClass = Qwen2ForCausalLM\n",
    }
    for path, text in sources.items():
        place = tmp_path / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
    found = {(each.package, each.kind): each.names for each in read_library_names([tmp_path])}
    assert found == {
        ("transformers", "model types"): ("llama", "qwen3"),
        ("transformers", "quantization methods"): ("fbgemm_fp8",),
        ("transformers", "training arguments"): ("eval_strategy", "output_dir"),
        ("vllm", "architectures"): ("LlamaForCausalLM",),
        ("vllm", "model types"): ("chatglm", "unlimited-ocr"),
        ("vllm", "quantization methods"): ("awq", "compressed-tensors"),
        ("sglang", "architectures"): (
            "LlamaForCausalLM",
            "Phi3ForCausalLM",
            "Qwen2ForCausalLM",
        ),
    }
