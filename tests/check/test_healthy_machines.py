"""Machines on which models run do not fail any check of the environment."""

from collections.abc import Mapping
from typing import Any

import pytest

from firstmile.check.installed import python_of
from firstmile.check.intent import Action, Intent, Parallel
from firstmile.check.machine_worlds import computer, package, room
from firstmile.check.running import judge_all
from firstmile.check.unit import check_id, find_checks
from firstmile.check.worlds import LLAMA, file, folder, gpu, world
from firstmile.facts.environment import BuiltFor, Cuda, Environment, Limit
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

WEIGHTS = file("model.safetensors", 10**6, looks="safetensors")
NOT_OF_THE_ENVIRONMENT = ("memory", "weights", "keys-and-values", "context", "training-states")


def serving() -> Environment:
    """Two H100 with vLLM, as its own wheels bring everything."""
    return computer(
        package(
            "torch",
            "2.8.0+cu128",
            'nvidia-cublas-cu12==12.8.4.1; platform_system == "Linux"',
            "triton==3.4.0",
            tags=("cp311-cp311-manylinux_2_28_x86_64",),
            built=BuiltFor(cuda=("12.8",), cxx11_abi=True),
        ),
        package("nvidia-cublas-cu12", "12.8.4.1", tags=("py3-none-manylinux_2_27_x86_64",)),
        package("triton", "3.4.0", tags=("cp311-cp311-manylinux_2_27_x86_64",)),
        package("torchvision", "0.23.0+cu128", "torch==2.8.0"),
        package("vllm", "0.11.0", "torch==2.8.0", "transformers>=4.55.2", "xgrammar==0.1.25"),
        package("xgrammar", "0.1.25"),
        package(
            "transformers",
            "4.57.1",
            "huggingface-hub<1.0,>=0.34.0",
            "tokenizers<=0.23.0,>=0.22.0",
            "numpy>=1.17",
        ),
        package("huggingface-hub", "0.35.3"),
        package("tokenizers", "0.22.1"),
        package("numpy", "2.2.6"),
        known={
            ("transformers", "model types"): ("llama", "qwen3", "gpt_oss"),
            ("transformers", "quantization methods"): ("gptq", "awq", "mxfp4", "fp8"),
            ("vllm", "architectures"): ("LlamaForCausalLM", "Qwen3ForCausalLM"),
            ("vllm", "quantization methods"): ("awq", "gptq", "fp8", "mxfp4"),
        },
        gpus=[
            gpu("NVIDIA H100", capability="9.0", index=each, driver="570.86.15") for each in (0, 1)
        ],
        cuda=Cuda(driver="570.86.15", driver_supports="12.8", toolkit=None, toolkit_path=None),
        folders=[
            room(each)
            for each in (
                "shared memory",
                "temporary files",
                "Hugging Face cache",
                "Triton cache",
                "vLLM cache",
            )
        ],
        limits=[Limit(name="nofile", soft=65536, hard=65536)],
    )


def found(snapshot: Snapshot, intent: Intent) -> Mapping[str, str]:
    """Return what fails or breaks among the checks of the environment, with its message."""
    checks = [
        each
        for each in find_checks()
        if each.ABOUT.cause.startswith(("environment/", "api/", "computation/quantization"))
        and not check_id(each).startswith(NOT_OF_THE_ENVIRONMENT)
    ]
    return {
        each.source: each.message
        for each in judge_all(checks, snapshot, intent)
        if each.outcome in (Outcome.FAIL, Outcome.WARN, Outcome.ERROR)
    }


@pytest.mark.parametrize(
    "config",
    [
        {},
        {"model_type": "qwen3", "architectures": ["Qwen3ForCausalLM"]},
        {
            "torch_dtype": "float16",
            "quantization_config": {"quant_method": "gptq", "bits": 4, "group_size": 128},
        },
        {"quantization_config": {"quant_method": "fp8"}},
    ],
    ids=["llama", "qwen3", "gptq", "fp8"],
)
def test_a_server_of_vllm_with_its_own_wheels_is_healthy(config: Mapping[str, Any]) -> None:
    serve = Intent(
        action=Action.SERVE,
        engine="vllm",
        command="vllm serve ./model --tensor-parallel-size 2",
        parallel=Parallel(tensor=2),
    )
    snapshot = world(folder(config={**LLAMA, **config}, files=[WEIGHTS]), serving())
    assert found(snapshot, serve) == {}


def test_a_python_without_any_library_is_not_known() -> None:
    alone = world(folder(config=LLAMA, files=[WEIGHTS]), computer(package("numpy", "2.0.0")))
    assert python_of(alone) is None
    assert found(alone, Intent(engine="vllm", action=Action.SERVE)) == {}


def test_an_older_fine_tuning_environment_is_healthy() -> None:
    made = computer(
        package("torch", "2.3.1+cu121", built=BuiltFor(cuda=("12.1",), cxx11_abi=False)),
        package("transformers", "4.44.2", "tokenizers<0.20,>=0.19", "numpy>=1.17"),
        package("tokenizers", "0.19.1"),
        package("trl", "0.9.6", "transformers>=4.31.0"),
        package("peft", "0.12.0"),
        package("accelerate", "0.33.0"),
        package("numpy", "1.26.4"),
        package("bitsandbytes", "0.43.3", built=BuiltFor(cuda=("11.8", "12.1"))),
        package(
            "flash-attn", "2.6.3", built=BuiltFor(torch="2.3", cuda=("12.3",), cxx11_abi=False)
        ),
        known={
            ("transformers", "model types"): ("llama",),
            ("transformers", "training arguments"): ("eval_strategy", "evaluation_strategy"),
        },
        gpus=[gpu(driver="535.104.05")],
        cuda=Cuda(driver="535.104.05", driver_supports="12.2", toolkit="12.1", toolkit_path="/c"),
    )
    train = Intent(
        action=Action.FINE_TUNE,
        engine="trl",
        attention="flash_attention_2",
        load_in_bits=4,
        command="python sft.py --evaluation_strategy steps --bf16",
    )
    assert found(world(folder(config=LLAMA, files=[WEIGHTS]), made), train) == {}
