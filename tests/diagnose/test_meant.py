"""What a person rules out, or repeats on purpose, is no sign of a failure; it is cited whole."""

import pytest

from firstmile import diagnose
from firstmile.diagnose.meant import as_meant
from firstmile.diagnose.reading import read_lines
from firstmile.taxonomy import Axis


def meant(text: str) -> str:
    return "\n".join(line.text for line in as_meant(tuple(read_lines(text))))


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("It's not CUDA out of memory, the server answers 404.", ", the server answers 404."),
        ("It is not a driver problem, since the old card works.", ", since the old card works."),
        ("There is no OOM, it simply stops.", ", it simply stops."),
        ("不是显存不足，而是一直没有回复", "，而是一直没有回复"),
        ("I want to repeat the evaluation again and again, it fails.", "I want to , it fails."),
    ],
)
def test_what_is_ruled_out_or_meant_is_taken_away(text: str, left: str) -> None:
    assert meant(text) == left


@pytest.mark.parametrize(
    "text",
    [
        "It is not working, the driver is new.",
        "It's not possible to load the model.",
        "The model keeps repeating the steps over and over.",
        "RuntimeError: it is not a tokenizer folder",
        "[10:11:12] it is not out of memory, it goes on",
        "没有显存不足的提示",
    ],
)
def test_other_words_stay(text: str) -> None:
    assert meant(text) == text


def test_lines_keep_their_places_and_the_facts_of_a_report_are_no_words_of_it() -> None:
    report = "It ended with SIGKILL.\n<summary>What firstmile facts says</summary>\npip: 23.2\n"
    report += "</details>\nIt was killed.\n"
    assert meant(report) == "It ended with SIGKILL.\n\n\n</details>\nIt was killed."


def test_the_line_is_cited_as_it_was_written() -> None:
    text = "It's not CUDA out of memory, the vLLM server answers 404 for /v1/chat/completions."
    found = diagnose(text)
    assert found.classes[Axis.SYMPTOM][0].code != "crash"
    assert all(evidence.text == text for evidence in found.evidence)


def test_an_undefined_name_in_a_web_page_is_no_fault_of_a_chat_template() -> None:
    error = "jinja2.exceptions.UndefinedError: 'shop' is undefined"
    page = f'  File "shop.py", line 9, in show\n    return render_template("shop.html")\n{error}'
    entry = "chat-template-refuses-the-order-or-role-of-messages"
    assert entry not in [known.id for known in diagnose(page).known]
    call = f'  File "ask.py", line 9, in ask\n    tokenizer.apply_chat_template(talk)\n{error}'
    assert diagnose(call).entry == entry
