"""Sizes in a report, and the memory of engines that fill what is left of a device."""

import pytest

from firstmile.check.command import Command, read_command, words_of
from firstmile.check.memory import Fit, estimate
from firstmile.check.memory.amount import Amount
from firstmile.check.memory.sizing import fit_of
from firstmile.check.model_meant import not_here
from firstmile.check.running import judge_all
from firstmile.check.unit import find_checks
from firstmile.check.worlds import LLAMA, folder, gpu, machine, world
from firstmile.facts.sizes import GIB, KIB, MIB, shown_range
from firstmile.findings import Outcome


def test_a_bound_of_another_order_has_its_own_unit() -> None:
    assert shown_range(501 * KIB, 1002 * KIB, 2.9 * GIB) == "1,002 KiB (501 KiB to 2.9 GiB)"
    assert shown_range(51 * MIB, 819 * MIB, 2.2 * GIB) == "819 MiB (51 to 2,253)"


@pytest.mark.parametrize("text", ["lmdeploy serve api_server ./m --session-len 32768"])
def test_an_engine_that_cuts_what_it_keeps_to_what_is_left_is_not_said_to_run_out(
    text: str,
) -> None:
    intent = read_command(Command(words=tuple(words_of(text))))
    assert intent is not None
    there = world(folder(config=LLAMA), machine(gpus=[gpu("NVIDIA GeForce RTX 4090", 24, "8.9")]))
    assert str(estimate(there, intent)).startswith("how much lmdeploy takes")
    found = {one.source: one.outcome for one in judge_all(find_checks(), there, intent)}
    for name in ("weights-do-not-fit-on-the-devices", "main-memory-is-too-small-for-the-run"):
        assert found[name] is Outcome.SKIP


@pytest.mark.parametrize("said", ["--max-model-len auto", "--max-model-len=-1"])
def test_a_server_that_cuts_its_context_to_what_fits_does_not_run_out(said: str) -> None:
    intent = read_command(Command(words=tuple(words_of(f"vllm serve ./m {said}"))))
    assert intent is not None
    long = folder(config={**LLAMA, "max_position_embeddings": 131072})
    there = world(long, machine(gpus=[gpu("NVIDIA GeForce RTX 4090", 24, "8.9")]))
    found = {one.source: one.outcome for one in judge_all(find_checks(), there, intent)}
    assert found["context-does-not-fit-in-the-space-for-keys-and-values"] is Outcome.PASS
    sizing = estimate(there, intent)
    assert not isinstance(sizing, str)
    assert sizing.context == sizing.longest
    assert sizing.context < 131072
    too_small = world(long, machine(gpus=[gpu("Tesla T4", 15, "7.5")]))
    found = {one.source: one.outcome for one in judge_all(find_checks(), too_small, intent)}
    assert found["weights-do-not-fit-on-the-devices"] is Outcome.FAIL


def test_what_was_made_to_fill_a_device_fits_it() -> None:
    full = Amount(0.1, 0.1, 0.1) + Amount(0.2, 0.2, 0.2)
    assert full.low > 0.3
    assert fit_of(full, 0.3) is Fit.FITS


def test_what_a_container_mounts_is_called_a_place_of_this_machine() -> None:
    for model, says in (("/m/q", "no folder or file here"), ("/n/q", "a path in the container")):
        text = f"docker run -v /nowhere:/m vllm/vllm-openai --model {model}"
        intent = read_command(Command(words=tuple(words_of(text))))
        assert intent is not None
        assert says in not_here(intent.model or "", intent)
