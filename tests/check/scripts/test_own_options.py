"""A script's own parser is asked only where it is surely read, and answers as Python's does."""

import shlex
import sys
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firstmile.check.command import Reading, read_command
from firstmile.check.intent import OwnOptions
from firstmile.check.scripts.calls import read_script

PLAIN = """
import argparse
def parse():
    parser = argparse.ArgumentParser(description="LoRA")
    parser.add_argument("--model", "-m", type=str, required=True, help="50% of it")
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--kind", choices=["a", "b"], default="a")
    parser.add_argument("--layers", nargs="+", type=int)
    parser.add_argument("--pair", nargs=2)
    group = parser.add_argument_group("more")
    group.add_argument("--lr", type=float, default=1e-4)
    group.add_argument("--bf16", action="store_true")
    parser.add_argument("data")
    return parser.parse_args()
def main():
    args = parse()
if __name__ == "__main__":
    main()
"""
FILLED = """
from dataclasses import dataclass, field
from transformers import HfArgumentParser, TrainingArguments
import sys
@dataclass
class ModelArguments:
    model_name_or_path: str = field(metadata={"help": "x"})
    rank: int = 8
    flag: bool = field(metadata={})
class Plain(ModelArguments):
    no_field: str
@dataclass
class DataArguments:
    data_path: str
    other: str = None
parser = HfArgumentParser((Plain, DataArguments, TrainingArguments))
if len(sys.argv) == 2 and sys.argv[1].endswith(".json"):
    filled = parser.parse_json_file(sys.argv[1])
else:
    filled = parser.parse_args_into_dataclasses()
"""


def asked(script: str, words: str = "") -> OwnOptions | None:
    return read_script(script, shlex.split(words), path="x.py").own_options


def ends(script: str, words: list[str], patch: pytest.MonkeyPatch) -> bool:
    """Run a script of this file, and say whether its parser ends it with an error."""
    patch.setattr(sys, "argv", ["x.py", *words])
    try:
        exec(compile(script, "x.py", "exec"), {"__name__": "__main__"})
    except SystemExit as end:
        return end.code == 2
    return False


@pytest.mark.parametrize(
    ("words", "missing", "unknown", "refuses"),
    [
        ("--model m d", (), (), ""),
        ("-mm d --lr 1", (), (), ""),
        ("--mod m d --epochs -3", (), (), ""),
        ("d", ("--model",), (), ""),
        ("--model m", ("data",), (), ""),
        ("--model m d --epochz 3", (), ("--epochz", "3"), ""),
        ("--model m d e", (), ("e",), ""),
        ("--model m d --epochs 1e3", (), (), "argument --epochs: invalid int value: '1e3'"),
        ("--model m d --layers", (), (), "argument --layers: expected at least one argument"),
        ("--model m d --bf16=1", (), (), "argument --bf16: ignored explicit argument '1'"),
        ("--model m d --pair 1 2", (), (), ""),
        ("--model m d --pair 1", (), (), "argument --pair: expected 2 arguments"),
    ],
)
def test_a_parser_of_argparse_answers_as_pythons_does(
    words: str, missing: tuple[str, ...], unknown: tuple[str, ...], refuses: str
) -> None:
    found = asked(PLAIN, words)
    assert found is not None
    assert (found.missing, found.unknown, found.refuses) == (missing, unknown, refuses)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            (
                *("--model", "m", "-mm", "--epochs", "3", "--epo=2", "--kind", "b", "c", "--lr"),
                *("x", "--bf16", "--", "-1", "--layers", "4", "--no", "-x", "--model=", "a b"),
            )
        ),
        max_size=8,
    )
)
def test_no_run_that_python_lets_go_on_is_refused(words: list[str]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        stops = ends(PLAIN, words, patch)
    found = read_script(PLAIN, words).own_options
    assert found is not None
    assert bool(found.missing or found.unknown or found.refuses) is stops


@pytest.mark.parametrize(
    "unsure",
    [
        PLAIN.replace("parse_args()", "parse_known_args()[0]"),
        PLAIN.replace("parser.parse_args()", "parser.parse_args(words)"),
        PLAIN.replace('description="LoRA"', "parents=[more]"),
        PLAIN.replace('description="LoRA"', "**more"),
        PLAIN.replace("return parser", "add_more(parser)\n    return parser"),
        PLAIN.replace("return parser", "parser.add_subparsers()\n    return parser"),
        PLAIN.replace("return parser", "parser.add_argument(*names)\n    return parser"),
        PLAIN.replace("return parser", "parser.add_argument(name)\n    return parser"),
        PLAIN.replace("return parser", "extra(group)\n    return parser"),
        PLAIN.replace("return parser", "parser = other(parser)\n    return parser"),
        PLAIN.replace("return parser", "sys.argv.append('--model')\n    return parser"),
        PLAIN.replace("return parser", "a = parser.add_argument('--z')\n    return parser"),
        PLAIN.replace("return parser", "if x:\n        return None\n    return parser").replace(
            "    args = parse()", "    if x:\n        args = parse()"
        ),
        PLAIN.replace("    args = parse()", "    try:\n        parse()\n    except:\n        pass"),
        PLAIN.replace("    main()", "    run(main)"),
        PLAIN.replace("    args = parse()", "    with suppress(SystemExit):\n        parse()"),
        PLAIN.replace("    args = parse()", "    if x:\n        return\n    args = parse()"),
        PLAIN.replace("    args = parse()", "    yield\n    args = parse()"),
        PLAIN.replace(
            "    args = parse()",
            "    if '--demo' in sys.argv:\n        demo()\n    else:\n        parse()",
        ),
        PLAIN.replace("    args = parse()", "    if len(sys.argv) > 1:\n        parse()"),
        PLAIN.replace('"__main__"', '"elsewhere"'),
        PLAIN.replace("import argparse", "import argparse\nfrom sys import argv as words"),
        PLAIN.replace('nargs="+", type=int', "nargs=argparse.REMAINDER"),
        PLAIN.replace('action="store_true"', "action=Own"),
        PLAIN.replace("import argparse", "import configargparse as argparse"),
        PLAIN + "other = argparse.ArgumentParser()\n",
        FILLED.replace("dataclasses()", "dataclasses(args=words)"),
        FILLED.replace("dataclasses()", "dataclasses(look_for_args_file=True)"),
        FILLED.replace("if len", "fill(parser)\nif len"),
        FILLED.replace("len(sys.argv) == 2 and sys.argv[1].endswith('.json')", "JSON").replace(
            'len(sys.argv) == 2 and sys.argv[1].endswith(".json")', "JSON"
        ),
        FILLED.replace("from transformers import Hf", "from mine import Hf"),
    ],
)
def test_of_a_parser_that_is_not_surely_read_nothing_is_said(unsure: str) -> None:
    assert asked(unsure, "--what x") is None


@pytest.mark.parametrize("words", ["$ARGS", "[options]", "...", "--help", "--model m $MORE"])
def test_of_words_that_a_shell_or_a_person_fills_in_nothing_is_said(words: str) -> None:
    assert asked(PLAIN, words) is None


def test_a_value_that_a_shell_fills_in_is_no_wrong_value() -> None:
    assert asked(PLAIN, "--model m d --epochs $EPOCHS") is None
    found = asked(PLAIN, "d --lr 3")
    assert found is not None
    assert found.missing == ("--model",)


def test_a_kind_that_the_script_makes_itself_takes_what_it_likes() -> None:
    own = f"def int(text):\n    return text\n{PLAIN}"
    for script, refuses in ((PLAIN, True), (own, False)):
        found = asked(script, "--model m d --epochs 1e3")
        assert found is not None
        assert bool(found.refuses) is refuses


def test_a_field_with_another_name_may_be_given_by_it() -> None:
    known = FILLED.replace('{"help": "x"}', '{"aliases": ["--base"]}')
    found = asked(known, "--base m --data_path d")
    assert found is not None
    assert not found.missing


def test_options_under_a_test_are_known_and_not_required() -> None:
    tested = "if DEBUG:\n        parser.add_argument('--fast', required=True)\n    return parser"
    found = asked(PLAIN.replace("return parser", tested), "--model m d")
    assert found is not None
    assert not found.missing
    given_it = asked(PLAIN.replace("return parser", tested), "--model m d --fast 1")
    assert given_it is not None
    assert not given_it.unknown


@pytest.mark.parametrize(
    ("words", "missing"),
    [
        ("--output_dir o", ("--model_name_or_path", "--data_path")),
        ("--model_name_or_path m --data-path d", ()),
        ("--model_name m --data_path=d", ()),
        ("--data_path d --rank 4", ("--model_name_or_path",)),
    ],
)
def test_fields_without_a_default_are_required(words: str, missing: tuple[str, ...]) -> None:
    found = asked(FILLED, words)
    assert found is not None
    assert found.missing == missing


@pytest.mark.parametrize(
    ("base", "again"),
    [
        ("TrainingArguments", "output_dir: str"),
        ("ModelArguments", "rank: int"),
        ("ModelArguments", "flag: bool\n    rank: int = field(metadata={})"),
    ],
)
def test_a_field_that_is_only_named_again_keeps_its_default(base: str, again: str) -> None:
    script = FILLED.replace("class DataArguments:", f"class DataArguments({base}):").replace(
        "    data_path: str", f"    {again}"
    )
    found = asked(script, "--model_name_or_path m")
    assert found is not None
    assert not found.missing


def test_an_option_that_may_not_be_there_makes_no_other_one_ambiguous() -> None:
    tested = "if DEBUG:\n        parser.add_argument('--models')\n    return parser"
    assert asked(PLAIN.replace("return parser", tested), "--mod m d") is None


def test_functions_that_call_each_other_many_times_are_looked_at_once() -> None:
    chain = "".join(
        f"def f{place}():\n" + f"    {f'f{place - 1}' if place else 'main'}()\n" * 60
        for place in range(7)
    )
    assert asked(PLAIN.replace("    main()", "    pass") + chain) is None


def test_a_file_of_settings_or_of_words_gives_what_is_required() -> None:
    assert asked(FILLED, "x.json") is None
    assert asked(FILLED, "--config x.yaml") is None

    def own(**files: str) -> OwnOptions | None:
        typed = Reading(
            command="python x.py --data_path d", expects={}, files={"x.py": FILLED, **files}
        )
        intent = read_command(typed.typed)
        assert intent is not None
        return intent.own_options

    assert own() == OwnOptions(
        where="parser.parse_args_into_dataclasses() in line 20 of x.py",
        missing=("--model_name_or_path",),
    )
    assert own(**{"x.args": "--model_name_or_path m"}) is None


def test_options_that_argparse_itself_stumbles_over_are_passed_over() -> None:
    made = "import argparse\nparser = argparse.ArgumentParser()\n"
    options = 'parser.add_argument("--x", action="store_true")\n'
    options += 'parser.add_argument("x", action="append")\n'
    assert asked(f"{made}{options}parser.parse_args()\n", "a") is None


def test_code_that_is_nested_beyond_any_use_is_passed_over() -> None:
    deep = f"x{'.a' * 2_500}"
    for script in (
        FILLED.replace("data_path: str", f"data_path: {deep}"),
        FILLED.replace('metadata={"help": "x"}', f"metadata={deep}"),
        PLAIN.replace("parse_args()", f"parse_args({deep})"),
        PLAIN.replace("type=float", f"type={deep}"),
    ):
        asked(script, "--lr 1")


@pytest.mark.parametrize(("count", "more"), [(34, ", nargs='+'"), (1_999, "")])
def test_a_parser_that_would_take_ages_to_deal_out_words_is_not_asked(
    count: int, more: str
) -> None:
    options = "".join(f"parser.add_argument('a{place}'{more})\n" for place in range(count))
    made = "import argparse\nparser = argparse.ArgumentParser()\n"
    assert (
        asked(f"{made}{options}parser.parse_args()\n", "x " * (count - 1) if more else "") is None
    )


def test_a_long_test_above_many_options_is_not_looked_at_for_each() -> None:
    test = " or ".join(["a.b"] * 5_000)
    options = "".join(f"    parser.add_argument('--a{place}')\n" for place in range(400))
    made = "import argparse\nparser = argparse.ArgumentParser()\n"

    def seconds(head: str) -> float:
        started = process_time()
        assert asked(f"{made}{head}{options}parser.parse_args()\n") is not None
        return process_time() - started

    plain = seconds(f"c = {test}\nif c:\n")
    assert min(seconds(f"if {test}:\n") for _ in range(2)) < 3 * plain + 1
