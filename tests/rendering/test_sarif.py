"""An examination as SARIF 2.1.0: what the standard and code hosts want of it."""

import json
import re
from datetime import date
from typing import Any

import jsonschema
import pytest

from firstmile.findings import Evidence, Outcome
from firstmile.rendering.sarif import address, as_sarif, fingerprint

from .checkups import FINE, FLAG, accepted, finding, hostile, told

TEXT = {"type": "string", "minLength": 1}
MESSAGE = {
    "type": "object",
    "additionalProperties": False,
    "required": ["text"],
    "properties": {"text": TEXT},
}
LEVEL = {"enum": ["none", "note", "warning", "error"]}
BAG = {
    "type": "object",
    "properties": {"tags": {"type": "array", "items": TEXT, "uniqueItems": True}},
}


def closed(required: list[str], **properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": required,
        "properties": properties,
    }


RULE = closed(
    ["id"],
    id=TEXT,
    shortDescription=MESSAGE,
    fullDescription=MESSAGE,
    help=MESSAGE,
    helpUri={"type": "string", "format": "uri"},
    properties=BAG,
)
LOCATION = closed(
    ["physicalLocation"],
    physicalLocation=closed(
        ["artifactLocation"],
        artifactLocation=closed(
            ["uri"], uri={"type": "string", "pattern": r"^[A-Za-z0-9%._~/-]+$"}
        ),
        region=closed(["startLine"], startLine={"type": "integer", "minimum": 1}),
    ),
    logicalLocations={
        "type": "array",
        "uniqueItems": True,
        "items": closed(["fullyQualifiedName"], fullyQualifiedName=TEXT, kind=TEXT),
    },
)
RESULT = closed(
    ["message", "ruleId", "locations"],
    ruleId=TEXT,
    ruleIndex={"type": "integer", "minimum": 0},
    kind={"enum": ["notApplicable", "pass", "fail", "review", "open", "informational"]},
    level=LEVEL,
    message=MESSAGE,
    locations={"type": "array", "minItems": 1, "items": LOCATION},
    partialFingerprints={"type": "object", "additionalProperties": TEXT},
    suppressions={
        "type": "array",
        "items": closed(["kind"], kind={"enum": ["inSource", "external"]}, justification=TEXT),
    },
    properties=BAG,
)
NOTIFICATION = closed(
    ["message"], level=LEVEL, message=MESSAGE, associatedRule=closed(["id"], id=TEXT)
)
LOG = closed(
    ["version", "runs"],
    **{"$schema": {"type": "string", "format": "uri"}},
    version={"const": "2.1.0"},
    runs={
        "type": "array",
        "items": closed(
            ["tool"],
            tool=closed(
                ["driver"],
                driver=closed(
                    ["name"],
                    name=TEXT,
                    version=TEXT,
                    rules={"type": "array", "uniqueItems": True, "items": RULE},
                ),
            ),
            invocations={
                "type": "array",
                "items": closed(
                    ["executionSuccessful"],
                    executionSuccessful={"type": "boolean"},
                    exitCode={"type": "integer"},
                    startTimeUtc={"type": "string", "format": "date-time"},
                    toolExecutionNotifications={"type": "array", "items": NOTIFICATION},
                ),
            },
            columnKind={"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
            results={"type": "array", "items": RESULT},
            properties=BAG,
        ),
    },
)
"""The parts of the standard's schema that we write, with nothing else allowed."""


def log(data: dict[str, Any], *, all_of_it: bool = False) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(as_sarif(data, all_of_it=all_of_it))
    jsonschema.Draft7Validator(LOG).validate(found)
    run: dict[str, Any] = found["runs"][0]
    return run


def test_failures_are_errors_and_warnings_warnings_each_with_its_rule() -> None:
    run = log(told())
    assert [one["level"] for one in run["results"]] == ["error", "error", "warning"]
    rules = run["tool"]["driver"]["rules"]
    assert [one["id"] for one in rules] == ["flag-is-wrong", "template-is-wrong"]
    assert all(rules[one["ruleIndex"]]["id"] == one["ruleId"] for one in run["results"])
    assert "Why: A server refuses" in rules[0]["help"]["text"]
    assert rules[0]["helpUri"] == "https://example.org/page"


def test_what_passed_is_told_only_by_all() -> None:
    kinds = [one["kind"] for one in log(told(), all_of_it=True)["results"]]
    assert kinds == ["fail", "fail", "fail", "pass", "notApplicable"]


def test_a_finding_stands_at_the_file_of_its_evidence() -> None:
    places = log(told())["results"][0]["locations"]
    assert places[0]["physicalLocation"] == {
        "artifactLocation": {"uri": "config.json"},
        "region": {"startLine": 3},
    }


def test_a_finding_without_a_file_stands_at_the_command() -> None:
    place = log(told())["results"][1]["locations"][0]
    assert place["logicalLocations"][0]["fullyQualifiedName"] == "vllm serve x"
    assert place["physicalLocation"]["artifactLocation"]["uri"] == "."
    script = log(told(place="jobs/train.py"))["results"][1]["locations"][0]
    assert script["physicalLocation"]["artifactLocation"]["uri"] == "jobs/train.py"


def test_a_file_of_the_model_stands_where_it_lies_from_the_working_folder() -> None:
    places = log(told(files={"config.json": "m/a b/config.json"}))["results"][0]["locations"]
    assert places[0]["physicalLocation"]["artifactLocation"]["uri"] == "m/a%20b/config.json"


def test_what_is_accepted_is_suppressed_with_its_reason() -> None:
    run = log(told(suppressed=accepted(until=date(2030, 1, 2))))
    assert run["results"][0]["suppressions"] == [
        {
            "kind": "external",
            "justification": "Accepted, until 2030-01-02: we serve short texts",
        }
    ]


def test_a_check_that_broke_is_no_result_but_a_notification() -> None:
    run = log(told(finding(FINE, Outcome.ERROR, "firstmile failed at it (KeyError)")))
    assert run["results"] == []
    assert not run["invocations"][0]["executionSuccessful"]


def test_a_fingerprint_stays_while_amounts_change() -> None:
    def of(message: str, file: str = "a.json") -> str:
        return fingerprint(
            told(finding(FLAG, Outcome.FAIL, message, Evidence(text="x", file=file)))["findings"][0]
        )

    assert of("It takes 15.2 GiB of 14.") == of("It takes 15.3 GiB of 14.")
    assert of("It takes 15.2 GiB.") != of("It takes too much.")
    assert of("It takes 15.2 GiB.") != of("It takes 15.2 GiB.", "b.json")


def test_hostile_names_make_no_address_and_no_escape() -> None:
    text = as_sarif(hostile(), all_of_it=True)
    assert "\x1b" not in text
    assert "\u202e" not in text
    log(hostile(), all_of_it=True)
    for path in ("javascript:alert(1)", "//host/share", "C:\\x y", "\x1b[0m", ""):
        assert ":" not in address(path)
        assert not address(path).startswith("/")
        assert address(path)


@pytest.mark.parametrize("name", ["gewicht\udcfc.bin", "half\ud800.json", "fold\udcff/\u202ex"])
def test_names_that_are_no_utf8_make_valid_json_and_addresses(name: str) -> None:
    evidence = Evidence(text=f"{name} = 1", file=name)
    data = told(finding(FLAG, Outcome.FAIL, f"{name} is odd.", evidence), subject=f"serve {name}")
    run = log(data)
    as_sarif(data).encode("utf-8")
    (place,) = run["results"][0]["locations"]
    uri = place["physicalLocation"]["artifactLocation"]["uri"]
    assert re.fullmatch(r"(?:[A-Za-z0-9/._~-]|%[0-9A-F]{2})+", uri)


def test_the_bytes_of_a_name_stay_in_its_address() -> None:
    assert address("gewicht\udcfc.bin") == "gewicht%FC.bin"
    assert address("größe\n.json") == "gr%C3%B6%C3%9Fe%0A.json"
