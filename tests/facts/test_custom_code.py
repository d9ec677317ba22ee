"""Python files of a folder are parsed beside us, never run, and no file takes the others along."""

from pathlib import Path

import pytest

from firstmile.facts.model_folder.child import MIB, Limits
from firstmile.facts.model_folder.code_parsing import parsed
from firstmile.facts.model_folder.custom_code import parse_code
from firstmile.facts.model_folder.reading import read_model_folder

MODEL = (
    "import torch.nn as nn\nfrom .configuration_own import Own\n"
    "try:\n    import flash_attn\nexcept ImportError:\n    pass\n"
    "if True:\n    import einops\nraise SystemExit\n"
    "class Model(nn.Module):\n    def go(self):\n        from peft import x\n"
)
BOMBS = {
    "signs.py": "-" * 100_000 + "1",
    "brackets.py": "(" * 5_000,
    "names.py": "a" + ".b" * 100_000,
    "zero.py": "\0",
    "cut.py": "def",
    "sum.py": "1+" * 50_000 + "1",
    "calls.py": "f(" * 20_000 + ")" * 20_000,
    "blocks.py": "".join(" " * place + "if x:\n" for place in range(99)) + " " * 99 + "y\n",
}


def test_imports_and_classes_are_found_and_nothing_runs() -> None:
    found = parse_code({"modeling.py": MODEL})["modeling.py"]
    assert found.imports == ("torch.nn", ".configuration_own.Own", "peft.x")
    assert found.guarded == ("flash_attn", "einops")
    assert (found.classes, found.problem) == (("Model",), None)


def test_code_that_is_nested_beyond_any_use_spoils_no_other_file() -> None:
    found = parse_code({**BOMBS, "modeling.py": MODEL})
    assert set(found) == {*BOMBS, "modeling.py"}
    assert found["modeling.py"].classes == ("Model",)
    assert [path for path in BOMBS if found[path].imports] == []
    assert "no Python" in str(found["cut.py"].problem)


def test_a_file_that_ends_its_process_is_said_and_the_others_are_asked_anew() -> None:
    limits = Limits(wall_seconds=20, cpu_seconds=9, memory_bytes=1024 * MIB, answer_bytes=400)
    long = "\n".join(f"import package_{number}" for number in range(60))
    found = parse_code({"long.py": long, "modeling.py": MODEL}, limits=limits)
    assert "parsing it was ended" in str(found["long.py"].problem)
    assert found["modeling.py"].classes == ("Model",)


def test_memory_of_parsing_is_bounded() -> None:
    limits = Limits(wall_seconds=20, cpu_seconds=9, memory_bytes=100 * MIB, answer_bytes=MIB)
    texts = {"wide.py": "(" + "a," * 250_000 + ")", "modeling.py": MODEL}
    found = parse_code(texts, limits=limits)
    assert found["wide.py"].problem is not None
    assert found["modeling.py"].classes == ("Model",)


@pytest.mark.parametrize("text", ["", "import a\n" * 3_000, "x = 1"])
def test_names_are_bounded_and_told_once(text: str) -> None:
    assert len(parsed(text).get("imports", [])) <= 1


def test_a_folder_tells_of_its_files_and_of_those_that_are_none(tmp_path: Path) -> None:
    (tmp_path / "modeling.py").write_text(MODEL)
    (tmp_path / "__init__.py").write_text("")
    (tmp_path / "pointer.py").write_text("version https://git-lfs.github.com/spec/v1\noid x\n")
    (tmp_path / "latin.py").write_bytes(b"a = '\xff'")
    code = {each.path: each for each in read_model_folder(tmp_path).code}
    assert code["modeling.py"].classes == ("Model",)
    assert code["__init__.py"].problem is None
    assert code["pointer.py"].problem == "it is a pointer of Git LFS"
    assert code["latin.py"].problem == "it is not UTF-8 text"
