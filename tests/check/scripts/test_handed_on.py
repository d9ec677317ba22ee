"""What a script's parser read is known by whatever name the script hands it on."""

import ast

import pytest

from firstmile.check.scripts.calls import read_script
from firstmile.check.scripts.handed_on import parsed_names
from firstmile.check.scripts.literals import bindings

OPTIONS = "import argparse\np = argparse.ArgumentParser()\np.add_argument('--model')\n"
LOADS = "AutoModelForCausalLM.from_pretrained(args.model)\n"


def names(text: str) -> set[str]:
    nodes = list(ast.walk(ast.parse(text)))
    return parsed_names(nodes, bindings(nodes))


@pytest.mark.parametrize(
    "text",
    [
        "args = p.parse_args()\n",
        "args, rest = p.parse_known_args()\n",
        "args = p.parse_known_args()[0]\n",
        "def get():\n    return p.parse_args()\nargs = get()\n",
        "def get():\n    args = p.parse_args()\n    return args\ndef main():\n    args = get()\n",
        "def main(args):\n    pass\nargs = p.parse_args()\nmain(args)\n",
        "def main(args):\n    pass\nmain(p.parse_args())\n",
        "def load(n, args):\n    pass\ndef main(args):\n    load(3, args=args)\n"
        "main(p.parse_args())\n",
    ],
)
def test_what_was_parsed_is_known_where_it_is_handed_on(text: str) -> None:
    assert names(text) == {"args"}


@pytest.mark.parametrize(
    "text",
    [
        "args = p.parse_args()\nargs = other()\n",
        "args = p.parse_known_args()[1]\n",
        "def get():\n    if x:\n        return None\n    return p.parse_args()\nargs = get()\n",
        "def main(args):\n    pass\nmain(p.parse_args())\nmain(other)\n",
        "def main(args):\n    pass\nmain(p.parse_args())\nspawn(main)\n",
        "def main(args=None):\n    pass\nmain()\n",
        "def main(*args):\n    pass\nmain(*p.parse_args())\n",
        "def get():\n    return get()\nargs = get()\nargs = x()\n",
        "@dataclass\nclass A:\n    args: int = field(default=3)\n",
        "def get(args):\n    return lambda: args\nget(q)\n",
    ],
)
def test_a_name_that_may_hold_something_else_is_not_known(text: str) -> None:
    assert names(text) == set()


def test_functions_without_end_are_passed_over() -> None:
    chain = "".join(f"def f{n}():\n    return f{n + 1}()\n" for n in range(500))
    assert names(f"{chain}def f500():\n    return 1\nargs = f0()\n") == set()


def test_the_model_of_a_function_that_is_given_the_options_is_read() -> None:
    text = f"{OPTIONS}def main(args):\n    {LOADS}main(p.parse_args())\n"
    (call,) = (
        one
        for one in read_script(text, ("--model", "./m")).calls
        if one.name.endswith("from_pretrained")
    )
    assert call.positional == ("./m",)


def test_an_option_that_the_script_sets_itself_is_not_the_one_of_the_command() -> None:
    text = f"{OPTIONS}args = p.parse_args()\nargs.model = found(args.model)\n{LOADS}"
    (call,) = (
        one
        for one in read_script(text, ("--model", "./m")).calls
        if one.name.endswith("from_pretrained")
    )
    assert call.positional != ("./m",)
