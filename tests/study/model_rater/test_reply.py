"""Replies are checked before they are believed; prompts fence what strangers wrote."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from firstmile.diagnose.replies import ReplyError
from firstmile.study.decisions import Confidence, LabelValue
from firstmile.study.model_rater import make_prompt, read_reply
from firstmile.study.model_rater.prompt import HEAD, TAIL, readable
from firstmile.taxonomy import Axis, load_taxonomy
from model_rater.endpoint_server import reply

PROMPT = make_prompt(load_taxonomy())
TEXT = "Crash on start\n\n  RuntimeError: CUDA out of memory.  \nOK\n"
GOOD = {
    "symptom": "crash/cuda/out-of-memory",
    "cause": "hardware/gpu-memory",
    "stage": "inference",
    "quote": "RuntimeError: CUDA out of memory.",
}


def test_a_good_reply_is_a_label() -> None:
    found = read_reply(reply(**GOOD, note=" says so "), TEXT, PROMPT)
    assert found == LabelValue(
        symptom="crash/cuda/out-of-memory",
        cause="hardware/gpu-memory",
        stage="inference",
        confidence=Confidence.PROBABLE,
        quote="RuntimeError: CUDA out of memory.",
        note="says so",
    )


def test_an_axis_left_open_cannot_be_told() -> None:
    found = read_reply(reply(**{**GOOD, "cause": None}), TEXT, PROMPT)
    assert found.cause is None
    assert found.cannot_tell == ("cause",)


def test_nothing_told_needs_no_quote() -> None:
    assert read_reply(reply(), TEXT, PROMPT).cannot_tell == ("symptom", "cause", "stage")


@pytest.mark.parametrize(
    "wrapped", ["<think>It is {{a crash}}.</think>\n{}", "```json\n{}\n```", "```\n{}\n```", " {} "]
)
def test_reasoning_and_a_code_fence_are_put_up_with(wrapped: str) -> None:
    content = wrapped.replace("{{", "(").replace("}}", ")").replace("{}", reply(**GOOD))
    assert read_reply(content, TEXT, PROMPT).stage == "inference"


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ("", "not one JSON object"),
        ("I label this a crash.", "not one JSON object"),
        ('{"symptom": "cra', "not one JSON object"),
        (reply(**GOOD) + reply(**GOOD), "not one JSON object"),
        ("[" * 100_000, "not one JSON object"),
        ("[1]", "not one JSON object"),
        (reply(**GOOD)[:-1] + ', "stage": "fine-tuning"}', "not one JSON object"),
        ("x" * 200_000, "too long"),
        (reply(**GOOD, extra=1), "extra"),
        (json.dumps({"symptom": None}), "lacks a key"),
        (reply(**{**GOOD, "symptom": "hang/forever"}), "'hang/forever' is no code of the axis sym"),
        (reply(**{**GOOD, "symptom": "hardware"}), "no code of the axis symptom"),
        (reply(**{**GOOD, "cause": ["api"]}), "no code of the axis cause"),
        (reply(**{**GOOD, "confidence": "very"}), "'very' is no confidence"),
        (reply(**{**GOOD, "confidence": None}), "None is no confidence"),
        (reply(**{**GOOD, "quote": ""}), "quote is missing"),
        (reply(**{**GOOD, "quote": 7}), "have to be strings"),
        (reply(**{**GOOD, "quote": "CUDA ran out of memory"}), "character by character"),
        (reply(**{**GOOD, "quote": "of memory.  \nOK"}), "character by character"),
        (reply(**{**GOOD, "quote": "CUDA"}), "too short"),
        (reply(**{**GOOD, "quote": "CUDA" * 300}), "longer than a line"),
        (reply(quote="made up as a quote"), "character by character"),
    ],
)
def test_a_bad_reply_names_its_fault(content: str, fault: str) -> None:
    with pytest.raises(ReplyError, match=fault):
        read_reply(content, TEXT, PROMPT)


def test_a_short_quote_counts_when_it_is_a_whole_line() -> None:
    assert read_reply(reply(**{**GOOD, "quote": "OK"}), TEXT, PROMPT).quote == "OK"


@given(st.text(max_size=300) | st.recursive(st.none() | st.text(), st.lists).map(json.dumps))
@hypothesis_settings(max_examples=40)
def test_whatever_is_replied_is_a_label_or_a_fault(content: str) -> None:
    try:
        found = read_reply(content, TEXT, PROMPT)
    except ReplyError:
        return
    assert found.quote in TEXT


def test_the_prompt_holds_every_term_and_tells_every_pair_apart_once() -> None:
    codebook = load_taxonomy()
    told: dict[frozenset[str], int] = {}
    code = ""
    for line in PROMPT.system.splitlines():
        if line.startswith("- "):
            code = line[2:].partition(" ")[0]
        if line.startswith("  or "):
            against, _, rule = line[5:].partition("? ")
            pair = frozenset((code, against))
            told[pair] = told.get(pair, 0) + 1
            assert rule
            assert not re.search(r"[a-z]#\d", rule), line
    assert set(told.values()) == {1}
    for term in codebook.terms:
        assert f"- {term.code} ({term.name}): {term.definition}" in PROMPT.system
        for boundary in term.boundary:
            assert frozenset((term.code, boundary.against)) in told
    assert all(f'"{key}"' in PROMPT.system for key in PROMPT.schema["required"])


def test_terms_that_cannot_apply_are_not_offered() -> None:
    prompt = make_prompt(load_taxonomy(), ecosystem="closed-source-sdk")
    assert "hardware/gpu-memory" not in prompt.codes[Axis.CAUSE]
    assert "hardware/gpu-memory" not in prompt.system.replace("against hardware", "")
    assert prompt.version != PROMPT.version
    with pytest.raises(ReplyError, match="no code"):
        read_reply(reply(**GOOD), TEXT, prompt)


def test_the_version_of_a_prompt_stays_until_it_changes() -> None:
    assert make_prompt(load_taxonomy()).version == PROMPT.version


@given(st.text())
def test_a_text_cannot_close_its_fence(text: str) -> None:
    content = PROMPT.messages(text)[1]["content"]
    fence = content.split("\n")[1]
    assert content.count(fence) == 3
    assert content.count(f"\n{fence}\n") == 2
    assert f"\n{fence}\n{text}\n{fence}\n" in content


def test_a_long_thread_is_redacted_before_it_is_cut() -> None:
    secret = "hf_secretsecretsecret"
    thread = "a" * (HEAD - 4) + secret + "b" * TAIL + "the end"
    text = readable(thread, lambda whole: whole.replace(secret, "[secret]"))
    assert "hf_" not in text
    assert text.endswith("the end")
    assert f"[{len('[secret]') - 4 + len('the end')} characters left out here]" in text


def test_nul_bytes_and_half_characters_can_be_sent() -> None:
    text = readable("a\0b\ud800c", lambda whole: whole)
    assert text == "a\ufffdb?c"
