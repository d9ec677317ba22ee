"""Command lines are taken apart as their own programs do, and what is not understood is named."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstmile.check.commands import (
    accelerate_launch,
    axolotl,
    docker_run,
    text_generation_inference,
    torchrun,
    transformers_cli,
)
from firstmile.check.flag_tables import llama_cpp, llama_factory, sglang, training, vllm
from firstmile.check.flags import (
    Flag,
    Grammar,
    Takes,
    count_of,
    flag,
    flags,
    take_apart,
)

TABLES = {
    "vllm": (*vllm.FLAGS, *vllm.OLDER),
    "sglang": sglang.FLAGS,
    "llama.cpp": llama_cpp.FLAGS,
    "training": training.FLAGS,
    "llama-factory": llama_factory.FLAGS,
    "accelerate": accelerate_launch.FLAGS,
    "torchrun": torchrun.FLAGS,
    "docker": docker_run.FLAGS,
    "transformers": transformers_cli.FLAGS,
    "axolotl": axolotl._FLAGS,
    "text-generation-inference": text_generation_inference.FLAGS,
}
SOME = (
    *flags(Takes.TEXT, "--model|-m --model-path"),
    *flags(Takes.INT, "--count"),
    *flags(Takes.SWITCH, "--eager --enable-cache -i -t"),
    *flags(Takes.BOOL, "--bf16"),
    *flags(Takes.STATE, "--flash|-fa"),
    *flags(Takes.JSON, "--tree|-tr"),
    *flags(Takes.LIST, "--names"),
    *flags(Takes.REPEATED, "--env|-e"),
    flag("--offload !-no", takes=Takes.SWITCH),
)


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_no_name_stands_in_a_table_twice(table: tuple[Flag, ...]) -> None:
    names = Counter(
        name.replace("_", "-") if name.startswith("--") else name
        for each in table
        for name in (*each.names, *each.denials)
    )
    assert [name for name, count in names.items() if count > 1] == []


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_every_name_is_a_flag(table: tuple[Flag, ...]) -> None:
    assert all(name.startswith("-") and len(name) > 1 for each in table for name in each.names)


def test_values_follow_or_are_attached_with_equals() -> None:
    said = take_apart(["--model", "a", "--count=-3", "x"], SOME)
    assert said.values == {"model": "a", "count": -3}
    assert said.positional == ("x",)


def test_the_last_of_several_holds() -> None:
    assert take_apart(["-m", "a", "--model", "b"], SOME).values == {"model": "b"}


def test_a_truth_value_may_be_left_out() -> None:
    assert take_apart(["--bf16", "False"], SOME).values == {"bf16": False}
    said = take_apart(["--bf16", "data.json"], SOME)
    assert (said.values, said.positional) == ({"bf16": True}, ("data.json",))


def test_a_state_is_on_off_or_auto() -> None:
    for words, value in ((["-fa"], True), (["-fa", "off"], False), (["-fa", "auto"], "auto")):
        assert take_apart(words, SOME).values == {"flash": value}


def test_switches_are_denied_by_no_by_their_own_names_and_in_pairs() -> None:
    assert take_apart(["--no-eager"], SOME).values == {"eager": False}
    assert take_apart(["-no"], SOME).values == {"offload": False}
    pairs = Grammar(pairs=True)
    assert take_apart(["--disable-cache"], SOME, pairs).values == {"enable_cache": False}
    assert take_apart(["--disable-cache"], SOME).unread


def test_trees_grow_by_dots() -> None:
    words = ["--tree.a.b", "1", "-tr.c+=x,y", "--tree.d", "text"]
    said = take_apart(words, SOME, Grammar(dotted=True))
    assert said.values == {"tree": {"a": {"b": 1}, "c": ["x", "y"], "d": "text"}}


def test_a_beginning_counts_only_where_it_is_one_flags_alone() -> None:
    short = Grammar(abbreviations=True)
    assert take_apart(["--cou", "3"], SOME, short).values == {"count": 3}
    assert take_apart(["--mode", "3"], SOME, short).unread
    assert take_apart(["--cou", "3"], SOME).unread


def test_short_flags_take_what_is_attached() -> None:
    said = take_apart(["-it", "-eA=1", "-e", "B=2"], SOME, Grammar(attached=True))
    assert said.values == {"i": True, "t": True, "env": ("A=1", "B=2")}


def test_the_first_word_begins_a_command_of_somebody_else() -> None:
    ends = Grammar(first_word_ends=True)
    assert take_apart(["--count", "1", "x.py", "--model", "a"], SOME, ends).rest == (
        "x.py",
        "--model",
        "a",
    )


def test_what_is_not_understood_is_named_with_the_nearest_flag() -> None:
    said = take_apart(["--modle", "a", "--count", "many", "--zzz=1", "--model"], SOME)
    assert said.values == {}
    assert said.unread == (
        "--modle (did you mean --model?) a",
        "--count many (not a value of its kind)",
        "--zzz=1",
        "--model (it needs a value)",
    )


def test_numbers_that_are_none_are_named() -> None:
    floats = flags(Takes.FLOAT, "--share")
    for word in ("nan", "inf", "1e999", "x"):
        assert take_apart(["--share", word], floats).unread


@pytest.mark.parametrize(
    ("text", "number"), [("32k", 32_000), ("32K", 32_768), ("1.5m", 1_500_000), ("auto", -1)]
)
def test_counts_have_units(text: str, number: int) -> None:
    assert count_of(text) == number


@given(words=st.lists(st.text(max_size=10), max_size=8))
def test_no_word_is_lost(words: list[str]) -> None:
    said = take_apart(words, SOME, Grammar(attached=True, dotted=True, abbreviations=True))
    told = " ".join((*said.unread, *said.positional, *(each.written for each in said.arguments)))
    assert all(word.partition("=")[0][:2] in told for word in words if word.startswith("--z"))
    assert len(said.positional) <= len(words)
