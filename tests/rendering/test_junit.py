"""An examination as JUnit XML: a case a check, failing where the exit status would."""

from typing import Any
from xml.etree import ElementTree

from firstmile.findings import FailOn, Outcome
from firstmile.rendering.junit import as_junit

from .checkups import FINE, TEMPLATE, accepted, finding, hostile, told


def cases(data: dict[str, Any]) -> dict[str, ElementTree.Element]:
    suite = ElementTree.fromstring(as_junit(data))[0]
    found = {str(one.get("name")): one for one in suite.iter("testcase")}
    assert suite.get("tests") == str(len(found))
    for element, key in (("failure", "failures"), ("error", "errors"), ("skipped", "skipped")):
        assert suite.get(key) == str(len(list(suite.iter(element))))
    return found


def test_a_check_that_says_two_things_is_one_failing_case() -> None:
    found = cases(told())
    assert sorted(found) == ["all-is-fine", "flag-is-wrong", "template-is-wrong"]
    failure = found["flag-is-wrong"].find("failure")
    assert failure is not None
    assert failure.get("message") == "The flag is refused."
    assert "The flag is refused twice." in (failure.text or "")
    assert found["flag-is-wrong"].get("classname") == "Configuration and Parameter Setting Errors"


def test_a_warning_fails_its_case_only_where_it_is_asked_to() -> None:
    assert cases(told())["template-is-wrong"].find("failure") is None
    assert "may lose it" in (cases(told())["template-is-wrong"].findtext("system-out") or "")
    assert cases(told(fail_on=FailOn.WARN))["template-is-wrong"].find("failure") is not None


def test_what_is_accepted_or_not_judged_is_skipped_and_what_broke_is_an_error() -> None:
    found = cases(told(suppressed=accepted()))
    skipped = found["flag-is-wrong"].find("skipped")
    assert skipped is not None
    assert "short texts" in str(skipped.get("message"))
    only = cases(
        told(finding(FINE, Outcome.SKIP, "not known: x"), finding(TEMPLATE, Outcome.ERROR))
    )
    assert only["all-is-fine"].find("skipped") is not None
    assert only["template-is-wrong"].find("error") is not None


def test_hostile_texts_stay_text() -> None:
    text = as_junit(hostile())
    assert "<script" not in text
    assert "\x1b" not in text
    cases(hostile())
