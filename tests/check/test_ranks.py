"""Ranks of a run against the devices that it may use."""

import pytest

from firstmile.check.command import Command, devices_of, read_command
from firstmile.check.intent import Argument, Intent, Parallel
from firstmile.check.ranks import (
    at_once,
    count_of_visible,
    devices_here,
    gpus_of,
    is_copied,
    nearest,
    parts_of_heads,
    ranks_of,
    visible_gpus,
)
from firstmile.check.unit import load_check
from firstmile.check.verdicts import Verdict
from firstmile.check.worlds import LLAMA, folder, gpu, machine, world

FOUR = [gpu(index=n) for n in range(4)]


def test_sizes_multiply() -> None:
    intent = Intent(engine="vllm", parallel=Parallel(tensor=2, pipeline=3, data=4, nodes=2))
    assert ranks_of(intent) == 24
    assert devices_here(intent) == 12


@pytest.mark.parametrize(
    ("text", "copied"),
    [
        ("srun -N2 vllm serve m", True),
        ("srun -N2 --ntasks-per-node=8 python train.py --bf16", True),
        ("mpirun -np 16 -npernode 8 python train.py --bf16", True),
        ("srun -N2 vllm serve m --nnodes 2", False),
        ("srun -N2 torchrun --nnodes 2 --nproc_per_node 8 sft.py", False),
        ("srun -N2 accelerate launch --num_machines 2 sft.py", False),
        ("torchrun --nnodes 2 sft.py", False),
    ],
)
def test_what_a_cluster_starts_on_machines_it_knows_nothing_of_is_a_copy_on_each(
    text: str, copied: bool
) -> None:
    intent = read_command(Command(words=tuple(text.split())))
    assert intent is not None
    assert intent.parallel.nodes == 2
    assert is_copied(intent) is copied


def test_data_parallel_attention_of_sglang_shares_the_devices() -> None:
    said = Argument(written="--enable-dp-attention", name="enable_dp_attention", value=None)
    intent = Intent(engine="sglang", parallel=Parallel(tensor=8, data=8), arguments=(said,))
    assert ranks_of(intent) == 8


def test_data_parallelism_of_lmdeploy_shares_the_devices_and_is_told_by_its_own_flag() -> None:
    check = load_check("parallel-size-is-larger-than-the-visible-gpus")
    assert check is not None

    def judged(tensor: int, data: int) -> Verdict:
        intent = Intent(engine="lmdeploy", parallel=Parallel(tensor=tensor, data=data))
        found = check.judge(world(folder(config=LLAMA), machine(gpus=FOUR)), intent)
        assert isinstance(found, Verdict)
        return found

    assert judged(4, 4).message == "4 GPUs are there for 4 ranks on this machine."
    assert "--tp" in (judged(1, 8).remedy or "")


def test_processes_of_a_launcher_count_on_each_machine() -> None:
    intent = Intent(engine="torchrun", parallel=Parallel(processes=8, nodes=2))
    assert devices_here(intent) == 8
    assert at_once(intent) == 16


def test_all_gpus_are_visible_unless_told() -> None:
    found = visible_gpus(world(None, machine(gpus=FOUR)), Intent())
    assert found is not None
    assert len(found) == 4


def test_variables_and_the_command_hide_gpus() -> None:
    there = machine(gpus=FOUR, variables={"CUDA_VISIBLE_DEVICES": "1, 3"})
    found = visible_gpus(world(None, there), Intent())
    assert found is not None
    assert [each.index for each in found] == [1, 3]
    one = visible_gpus(world(None, there), Intent(devices=(2, 9)))
    assert one is not None
    assert [each.index for each in one] == [2]


def test_gpus_that_are_named_by_id_leave_the_number_open() -> None:
    there = machine(gpus=FOUR, variables={"CUDA_VISIBLE_DEVICES": "MIG-1a2b"})
    assert visible_gpus(world(None, there), Intent()) is None


def test_a_machine_whose_tool_failed_is_not_one_without_gpus() -> None:
    there = machine(not_known={"gpus": "nvidia-smi failed"})
    assert visible_gpus(world(None, there), Intent()) is None
    assert visible_gpus(world(None, machine()), Intent()) == ()


@pytest.mark.parametrize(
    ("said", "kept"), [("-1", ()), ("", ()), ("0,-1,2", (0,)), ("1", (1,)), ("3, 2", (2, 3))]
)
def test_devices_are_hidden_from_the_first_that_cannot_be_one(
    said: str, kept: tuple[int, ...]
) -> None:
    there = machine(gpus=FOUR, variables={"CUDA_VISIBLE_DEVICES": said})
    found = visible_gpus(world(None, there), Intent())
    assert found is not None
    assert tuple(each.index for each in found) == kept
    assert devices_of({"CUDA_VISIBLE_DEVICES": said}) is not None


def test_gpus_that_are_named_by_id_are_counted_and_judged_where_they_are_alike() -> None:
    there = machine(gpus=FOUR, variables={"CUDA_VISIBLE_DEVICES": "GPU-1a,GPU-2b"})
    assert count_of_visible(world(None, there), Intent()) == 2
    assert len(gpus_of(world(None, there), Intent(), "NVIDIA")) == 4
    mixed = machine(
        gpus=[*FOUR, gpu("Tesla T4", 16, "7.5", index=4)],
        variables={"CUDA_VISIBLE_DEVICES": "GPU-1a"},
    )
    assert gpus_of(world(None, mixed), Intent(), "NVIDIA") == ()


def test_devices_of_a_machine_that_was_not_read_are_counted_by_the_command() -> None:
    assert count_of_visible(world(), Intent(devices=(0, 1))) == 2
    assert count_of_visible(world(), Intent()) is None


@pytest.mark.parametrize(("asked", "size"), [(8, 8), (3, 4), (5, 4), (6, 8), (16, 16), (7, 8)])
def test_the_nearest_size_is_the_larger_of_two(asked: int, size: int) -> None:
    assert nearest(parts_of_heads(32, 8), asked) == size


@pytest.mark.parametrize(
    ("heads", "devices", "asked", "says"),
    [
        ((4, 2), 4, 8, "Set --tensor-parallel-size 4."),
        (
            (4, 2),
            None,
            8,
            "Set --tensor-parallel-size 4, and --pipeline-parallel-size 2 to use all 8 devices.",
        ),
        (
            (28, 4),
            8,
            8,
            "Set --tensor-parallel-size 4, and --pipeline-parallel-size 2 to use all 8 devices.",
        ),
        ((32, 8), 2, 3, "Set --tensor-parallel-size 2."),
    ],
)
def test_one_size_is_named_that_divides_and_exists(
    heads: tuple[int, int], devices: int | None, asked: int, says: str
) -> None:
    config = {**LLAMA, "num_attention_heads": heads[0], "num_key_value_heads": heads[1]}
    there = None if devices is None else machine(gpus=[gpu(index=n) for n in range(devices)])
    check = load_check("tensor-parallel-size-does-not-divide-the-heads")
    assert check is not None
    found = check.judge(
        world(folder(config=config), there), Intent(engine="vllm", parallel=Parallel(tensor=asked))
    )
    assert isinstance(found, Verdict)
    assert found.remedy == says
