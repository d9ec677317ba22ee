"""The first words of an issue."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstmile.study.excerpts import LONGEST, excerpt_of


@pytest.mark.parametrize(
    ("body", "excerpt"),
    [
        ("### Your current environment\n\n```text\nPyTorch 2.1\n```\n", "PyTorch 2.1"),
        ("<!-- Fill this in -->\n## Bug\nIt **hangs** in `generate`.", "It hangs in generate."),
        ("- [x] I searched\n- [ ] I did not\n> quoted", "I searched I did not quoted"),
        ("See [the log](https://example.org/log) ![](a.png)", "See the log"),
        ("<details><summary>Log</summary>\nboom\n</details>", "Log boom"),
        ("### Only a heading", "Only a heading"),
        (
            "### One\n\n_No response_\n\n---\n\nrope_scaling is 2 * 3 < 7",
            "rope_scaling is 2 * 3 < 7",
        ),
        ("模型输出乱码\n```\nerror\n```", "模型输出乱码 error"),
        ("#include is no heading", "#include is no heading"),
        ("a <- b stays", "a <- b stays"),
        ('File "a.py", line 3, in <module>', 'File "a.py", line 3, in <module>'),
        ("word " * 60, "word " * 35 + "word…"),
        ("x" * 300, "x" * 179 + "…"),
        ("", ""),
        ("\n```\n\n```\n", ""),
        ("<!-- never closed", ""),
    ],
)
def test_an_excerpt_is_words_without_marks(body: str, excerpt: str) -> None:
    assert excerpt_of(body) == excerpt


@given(st.text(alphabet=st.sampled_from("#`*_-<>![]()=| x\n"), max_size=400))
def test_an_excerpt_is_one_short_line(body: str) -> None:
    found = excerpt_of(body)
    assert len(found) <= LONGEST
    assert "\n" not in found
    assert "```" not in found


@pytest.mark.parametrize("mark", ["<!--", "[", "<a ", "> ", "- ", "#", "* ", "`", "_", "|-"])
def test_marks_over_and_over_take_no_time(mark: str) -> None:
    begun = time.perf_counter()
    for _ in range(20):
        excerpt_of(mark * 1_500)
    assert time.perf_counter() - begun < 2
