"""An examination as text, Markdown, page and JSON: readable, and without secrets."""

import os
import subprocess
from typing import Any, cast

import pytest

from firstmile.check.changing import NothingWorks
from firstmile.check.suppressions import Suppression
from firstmile.check.unit import check_id
from firstmile.check.withheld import typed
from firstmile.facts.environment import NotKnown
from firstmile.findings import Evidence, Outcome
from firstmile.rendering.examination import as_text, capital, context_words, costs, summary
from firstmile.rendering.examination_json import as_json
from firstmile.rendering.examination_markdown import as_markdown
from firstmile.rendering.examination_page import as_page
from firstmile.rendering.junit import as_junit
from firstmile.rendering.sarif import as_sarif

from .checkups import (
    FINE,
    FLAG,
    HOSTILE,
    PAGE,
    TEMPLATE,
    accepted,
    change,
    check,
    checkup,
    finding,
    memory,
    told,
)

_UNKNOWN = "not known: the model's folder"


def test_what_fails_comes_first_with_proof_why_and_fix() -> None:
    text = as_text(told())
    at = [
        text.index(one)
        for one in (
            "Configuration and Parameter Setting Errors",
            "FAIL  The flag is refused.",
            "| config.json:3: max = 4096",
            "| --flag 5",
            "Why: A server refuses `--flag`.",
            "Fix: Ask for 4096, or less.",
            "firstmile explain flag-is-wrong",
            "Tokenizer and Text Processing Issues",
            "WARN  The template may lose it.",
        )
    ]
    assert at == sorted(at)
    assert text.rstrip().endswith(
        "2 will fail; 1 may go wrong; 1 is as it should be; "
        "0 are not known; 1 does not apply. 0.25 s."
    )


def test_what_could_not_be_judged_is_not_said_to_fail_nowhere() -> None:
    unseen = told(finding(FINE, Outcome.PASS, "It is fine."), finding(FLAG, Outcome.SKIP, _UNKNOWN))
    unseen = {**unseen, "exit_status": 2}
    assert summary(unseen) == (
        "Whether it works could not be judged, since the model was not there to be looked at: "
        "1 is as it should be; 1 is not known. 0.25 s."
    )
    nothing = {**told(finding(FLAG, Outcome.SKIP, _UNKNOWN)), "exit_status": 2}
    assert summary(nothing) == "Nothing could be judged: 1 is not known. 0.25 s."
    broken = told(finding(FLAG, Outcome.ERROR, "It broke."), finding(FINE, Outcome.PASS, "It is."))
    assert broken["exit_status"] == 2
    assert summary(broken) == (
        "Whether it works could not be judged whole: 1 broke in firstmile itself; "
        "1 is as it should be. 0.25 s."
    )


def test_warnings_that_count_are_said_to() -> None:
    mild = told(finding(FLAG, Outcome.WARN, "It may."))
    assert summary(mild).startswith("0 will fail; 1 may go wrong; ")
    strict = summary({**mild, "fail_on": "warn", "exit_status": 1})
    assert "1 may go wrong, which is to count as a failure; " in strict


def test_a_check_that_says_two_things_says_why_once() -> None:
    text = as_text(told())
    assert text.count("Why: A server refuses") == 2  # once for each of the two checks
    assert text.count("FAIL") == 2


def test_without_a_remedy_of_its_own_a_finding_has_the_general_fix() -> None:
    assert "Fix: Leave `--flag` out." in as_text(told(finding(FLAG)))


def test_what_is_fine_is_folded_unless_all_is_asked_for() -> None:
    assert "It is fine." not in as_text(told())
    text = as_text(told(), all_of_it=True)
    assert "PASS  It is fine." in text
    assert "SKIP  does not apply: no model" in text


def test_what_is_accepted_is_counted_and_told_with_its_reason_by_all() -> None:
    data = told(suppressed=accepted())
    assert data["counts"]["fail"] == 0
    assert data["counts"]["suppressed"] == 2
    text = as_text(data)
    assert "The flag is refused." not in text
    assert "2 accepted with a reason" in text
    assert "Accepted: we serve short texts" in as_text(data, all_of_it=True)


def test_no_line_is_wider_than_the_terminal_but_commands_to_be_copied() -> None:
    data = {**told(), "memory": memory(), "smallest_change": change("--long-flag value " * 12)}
    data["findings"][-1]["message"] = "long words " * 40
    lines = as_text(data, width=72, all_of_it=True).splitlines()
    wide = [line for line in lines if len(line) > 72]
    assert len(wide) == 1
    assert wide[0].startswith("    vllm serve")


def test_memory_names_place_parts_error_bar_and_that_no_gpu_was_measured() -> None:
    text = " ".join(as_text({**told(), "memory": memory()}).split())
    assert "the device of 2: 16.0 GiB (15.0 to 18.0) of 20.0 GiB for the run" in text
    assert "not measured on a GPU" in text
    assert "there is memory for 8,192" in text
    endless = {**memory(), "longest_context": 1 << 26, "positions": None}
    text = " ".join(as_text({**told(), "memory": endless}).split())
    assert "there is memory for far more." in text


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        (
            {"context": 2048, "positions": 2048, "longest_context": 1 << 26},
            "For a context of 2,048 tokens, all that the model reads, since the command names "
            "none.",
        ),
        (
            {"context": 131072, "positions": 131072, "longest_context": 23552},
            "For a context of 131,072 tokens, all that the model reads, since the command names "
            "none; there is memory for 23,552.",
        ),
        (
            {"context": 65536, "positions": 2048, "context_is_asked": True},
            "For a context of 65,536 tokens; the model reads 2,048.",
        ),
        (
            {"context": 8192, "positions": 131072, "longest_context": 1 << 26}
            | {"context_is_asked": True},
            "For a context of 8,192 tokens; there is memory for all 131,072 that the model reads.",
        ),
        (
            {"context": 4096, "positions": None, "longest_context": None},
            "For a context of 4,096 tokens, which are assumed, since the command names none.",
        ),
        (
            {"context": 2048, "is_training": True, "positions": None},
            "For samples of 2,048 tokens, since the command names no length.",
        ),
        (
            {"context": 2048, "is_training": True, "context_is_asked": True},
            "For samples of 2,048 tokens.",
        ),
    ],
)
def test_the_length_that_memory_was_worked_out_for_is_told_once_with_whose_it_is(
    fields: dict[str, Any], says: str
) -> None:
    assert context_words({**memory(), **fields}) == says


@pytest.mark.parametrize(
    ("there", "says"),
    [
        (1, "the device of 2, of which 1 is there: 16.0 GiB (15.0 to 18.0) of 20.0 GiB for the "),
        (2, "the device of 2: 16.0 GiB (15.0 to 18.0) of 20.0 GiB for the run: fits"),
        (None, "the device of 2: 16.0 GiB (15.0 to 18.0) of 20.0 GiB for the run: fits"),
    ],
)
def test_nothing_is_said_to_fit_on_devices_that_are_not_there(there: int | None, says: str) -> None:
    text = " ".join(as_text({**told(), "memory": {**memory(), "devices_there": there}}).split())
    assert says in text
    assert ("for the run: fits" in text) == (there != 1)


@pytest.mark.parametrize("tell", [as_text, as_markdown, as_page])
def test_what_fails_beside_the_change_is_named(tell: Any) -> None:
    data = {**told(), "smallest_change": {**change(), "still_fails": ["flag-is-wrong"]}}
    assert "put right as well: flag-is-wrong." in tell(data)


def test_where_no_change_works_the_hardware_is_named() -> None:
    nothing = {**change(), "command": None, "steps": [], "loses": [], "hardware": "It fits on 8."}
    for text in (
        as_text({**told(), "smallest_change": nothing}),
        as_markdown({**told(), "smallest_change": nothing}),
        as_page({**told(), "smallest_change": nothing}),
    ):
        assert "No change of the command was found that works" in text
        assert "It fits on 8." in text


def test_what_was_not_understood_is_said() -> None:
    data = told(unread=("--frob 1", *(f"--x{number}" for number in range(9))))
    assert "Not understood of the command, and not judged: --frob 1, --x0" in as_text(data)
    assert "and 4 more" in as_text(data)
    assert "--x8" in as_text(data, all_of_it=True)


def test_the_page_links_its_references_and_shows_code_as_code() -> None:
    page = as_page(told())
    assert f'href="{PAGE}"' in page
    assert '<code><span class="flag">--flag</span></code>' in page


def test_a_checkup_is_readable_in_each_place() -> None:
    found = checkup()
    assert repr(found) == "<Checkup 2 will fail, 1 may go wrong>"
    assert str(found) == as_text(told())
    assert found._repr_markdown_() == as_markdown(told())
    assert "<style" not in found._repr_html_()
    assert "The flag is refused." in found._repr_html_()


KEY = "sk-" + "Ab1" * 16
HOME = "/home/ada"


def secretive() -> dict[str, Any]:
    """Return a checkup that has a key and a home in each text that is not ours."""
    said = f"{HOME}/m: --api-key {KEY}"
    evidence = Evidence(text=f"OPENAI_API_KEY = {KEY}", file=f"{HOME}/{KEY}.json", record=1)
    outcomes = (Outcome.FAIL, Outcome.WARN, Outcome.ERROR, Outcome.PASS, Outcome.SKIP)
    return told(
        *(finding(FLAG, one, said, evidence, remedy=said) for one in outcomes),
        subject=f"OPENAI_API_KEY={KEY} vllm serve {HOME}/m --api-key {KEY} --hf-token plain-words",
        unread=(said, "--password 'two words'"),
        not_known=(NotKnown(what=said, reason=said),),
        expired=(Suppression(check="flag-is-wrong", reason=said),),
        suppressed={"all-is-fine": Suppression(check="all-is-fine", reason=said)},
        notes=(said,),
        sizing=said,
        change=NothingWorks(because=said, hardware=said, memory=cast("Any", None)),
        home=HOME,
    )


@pytest.mark.parametrize("tell", [as_text, as_markdown, as_page, as_json, as_sarif, as_junit])
def test_no_key_and_no_home_is_in_any_format(tell: Any) -> None:
    data = secretive()
    text = tell(data) if tell in (as_json, as_junit) else tell(data, all_of_it=True)
    for secret in (KEY, "ada", "plain-words", "two words"):
        assert secret not in text
    assert "~/m" in text.replace("\\~", "~")


def test_hosts_of_a_command_stay() -> None:
    assert told(subject="vllm serve m --host 10.1.2.3")["subject"].endswith("10.1.2.3")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("serve", "/home/ada/m"), "serve ~/m"),
        (("serve", "/home/ada/my m", "/home/ada"), "serve ~/'my m' ~"),
        (("--model=/home/ada/m", "/x:/home/ada/y"), '--model="$HOME"/m /x:"$HOME"/y'),
        (("/home/adam/m", "/home/ada.b", "a b", ""), None),
    ],
)
def test_a_shell_finds_the_home_in_a_command_that_is_copied(
    words: tuple[str, ...], told: str | None
) -> None:
    if told is not None:
        assert typed(words, home=HOME) == told
    run = ["sh", "-c", f'printf "%s\\n" {typed(words, home="/home/ada")}']
    if told is not None:
        out = subprocess.run(
            run, env={"HOME": HOME, "PATH": os.environ["PATH"]}, capture_output=True, text=True
        )
        assert out.stdout.splitlines() == list(words)
    else:
        assert typed(words, home="/nowhere/x").endswith("'a b' ''")


@pytest.mark.parametrize("flag", [("--api-key", "{}"), ("--api-key={}",)])
@pytest.mark.parametrize("key", ["it's-hidden", "a b'hidden", "x\"hidden' 'hidden", "'hidden'"])
def test_no_part_of_a_key_with_quotes_is_told(flag: tuple[str, ...], key: str) -> None:
    told = typed(["serve", *(each.format(key) for each in flag), "--port", "1"])
    assert "hidden" not in told
    assert told.endswith("--port 1")


def test_names_and_commands_keep_their_small_letters() -> None:
    assert capital("take another one.") == "Take another one."
    assert capital("a config says so.") == "A config says so."
    for text in ("pip install x", "tokenizer.json, twice", "-c 5", "max_length is", ""):
        assert capital(text) == text


def test_that_parts_of_a_change_cost_nothing_is_said_only_where_all_of_it_does() -> None:
    assert costs({"loses": ["some speed", "nothing but room"]}) == "It costs some speed."
    assert costs({"loses": ["nothing but room"]}) == "It costs nothing but room."


def test_findings_of_one_cause_stand_together() -> None:
    other = check("another_flag")
    data = told(finding(FLAG), finding(TEMPLATE, Outcome.WARN), finding(other, Outcome.WARN))
    groups = [one["group"] for one in data["findings"]]
    assert len(set(groups)) == 2
    assert as_text(data).count("Configuration and Parameter Setting Errors") == 1
    assert check_id(other) in as_text(data)
    assert HOSTILE not in as_text(data)


def test_why_memory_is_not_known_is_said_unless_the_model_is_missing() -> None:
    assert "Memory is not known: the config." in as_text(told(sizing="the config"))
    missing = told(sizing="the config", not_known=(NotKnown(what="model", reason="x is gone"),))
    for tell in (as_text, as_markdown):
        assert "Memory is not known" not in tell(missing)
        assert "The model could not be looked at: x is gone." in tell(missing)


def test_what_is_not_known_is_counted_apart_from_what_does_not_apply() -> None:
    data = told(
        finding(FLAG, Outcome.SKIP, "not known: the config"),
        finding(TEMPLATE, Outcome.SKIP, "does not apply: no template"),
        finding(check("z"), Outcome.PASS, "fine"),
    )
    assert "1 is not known; 1 does not apply." in as_text(data)


def test_known_failures_behind_a_check_are_named() -> None:
    data = told()
    data["findings"][0]["entries"] = ["gpu-memory-is-full"]
    for tell in (as_text, as_markdown, as_page):
        assert "gpu-memory-is-full" in tell(data)


def test_a_few_things_that_could_not_be_looked_at_are_told_with_their_reasons() -> None:
    few = (
        NotKnown(what="model: samples", reason="of 9 tensors a sample was looked into"),
        NotKnown(what="programs", reason="no PATH"),
    )
    data = told(not_known=few)
    said = (
        "Could not be looked at, or not whole: model: samples (of 9 tensors a sample was looked "
        "into); programs (no PATH)."
    )
    assert said in " ".join(as_text(data).split())
    assert "of 9 tensors a sample was looked into" in as_markdown(data)
    many = tuple(NotKnown(what=f"part {number}", reason="x") for number in range(4))
    text = as_text(told(not_known=many))
    assert "Could not be looked at (--all says why): part 0, part 1, part 2, part 3." in text


def test_the_checks_that_fail_are_named_at_the_end_beside_the_counts() -> None:
    lines = as_text(told()).splitlines()
    at = lines.index("Will fail: flag-is-wrong.")
    assert lines[at + 1].startswith("1 will fail; ") or lines[at + 1].startswith("2 will fail; ")
    assert "Will fail" not in as_text(told(suppressed=accepted()))
    assert "Will fail" not in as_text(told(finding(FINE, Outcome.PASS)))
    names = [check(f"flag_{number}_is_wrong") for number in range(11)]
    assert " and 3 more." in as_text(told(*(finding(one) for one in names)))


def test_that_memory_is_not_known_is_not_told_of_a_command_that_is_not_understood() -> None:
    lost = NotKnown(what="command", reason="nothing of it was understood")
    assert "Memory" not in as_text(told(not_known=(lost,), sizing="the model's folder"))
    assert "Memory is not known" in as_text(told(sizing="the model's folder"))
