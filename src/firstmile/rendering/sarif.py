"""An examination as SARIF 2.1.0, as code hosts and editors show findings of static analysis.

The format: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

import hashlib
import json
import re
from collections.abc import Iterable
from typing import Any, Final
from urllib.parse import quote

from firstmile.rendering.examination import (
    MARKS,
    Plain,
    accepted_words,
    capital,
    quoted,
    remarks,
    remedy_of,
)
from firstmile.rendering.inert import visible

SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json"
LEVELS: Final = {
    "fail": "error",
    "error": "none",
    "warn": "warning",
    "pass": "none",
    "skip": "none",
}
KINDS: Final = {
    "fail": "fail",
    "error": "open",
    "warn": "fail",
    "pass": "pass",
    "skip": "notApplicable",
}
"""Section 3.27.9: a level other than "none" asks for the kind "fail"."""
FINGERPRINT: Final = "firstmile/v1"
_VARYING: Final = re.compile(r"[0-9][0-9.,]*")


def as_sarif(data: Plain, *, all_of_it: bool = False) -> str:
    """Return a log of one run. What was accepted is there as suppressed, with its reason."""
    told = [each for each in data["findings"] if all_of_it or each["outcome"] in _TOLD]
    rules = list({each["check"]: _rule(each) for each in told}.values())
    places = {rule["id"]: place for place, rule in enumerate(rules)}
    run: dict[str, Any] = {
        "tool": {
            "driver": {
                "name": "firstmile",
                "version": visible(data["versions"]["firstmile"]),
                "rules": rules,
            }
        },
        "invocations": [_invocation(data)],
        "columnKind": "unicodeCodePoints",
        "results": [_result(each, places, data) for each in told if each["outcome"] != "error"],
        "properties": {"subject": visible(data["subject"]), "exitStatus": data["exit_status"]},
    }
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, ensure_ascii=False, indent=2) + "\n"


_TOLD: Final = ("fail", "warn", "error")


def _invocation(data: Plain) -> dict[str, Any]:
    """Tell how the run went: a check that broke is a notification, no result."""
    broken = [each for each in data["findings"] if each["outcome"] == "error"]
    return {
        "executionSuccessful": not broken,
        "exitCode": data["exit_status"],
        "startTimeUtc": visible(data["started"]),
        "toolExecutionNotifications": [
            *(
                {
                    "level": "error",
                    "message": {"text": visible(each["message"])},
                    "associatedRule": {"id": each["check"]},
                }
                for each in broken
            ),
            *({"level": "note", "message": {"text": text}} for text in _notes(data)),
        ],
    }


def _notes(data: Plain) -> Iterable[str]:
    for one in data["not_understood"]:
        yield f"Not understood of the command: {visible(one)}"
    for one in remarks(data):
        yield visible(one)
    for one in data["not_known"]:
        yield f"Could not be looked at: {visible(one['what'])}: {visible(one['reason'])}"


def _rule(each: Plain) -> dict[str, Any]:
    good = visible(each["good_state"] or each["check"])
    parts = [f"{name}: {visible(capital(each[key]))}" for name, key in _PARTS if each[key]]
    help_text = "\n\n".join([good, *parts])
    rule: dict[str, Any] = {
        "id": visible(each["check"]),
        "shortDescription": {"text": good},
        "fullDescription": {"text": good},
        "help": {"text": help_text},
        "properties": {
            "tags": [one for one in (each["cause"], each["symptom"], each["stage"]) if one],
        },
    }
    reference = next((url for url in each["references"] if url.startswith("https://")), None)
    return rule if reference is None else {**rule, "helpUri": reference}


_PARTS: Final = (("Why", "why"), ("Fix", "fix"))


def _result(each: Plain, places: dict[str, int], data: Plain) -> dict[str, Any]:
    remedy = remedy_of(each) if each["outcome"] in _TOLD else None
    lines = [visible(each["message"]), *(quoted(one) for one in each["evidence"])]
    if remedy:
        lines.append(f"Fix: {visible(remedy)}")
    result: dict[str, Any] = {
        "ruleId": visible(each["check"]),
        "ruleIndex": places[each["check"]],
        "kind": KINDS[each["outcome"]],
        "level": LEVELS[each["outcome"]],
        "message": {"text": "\n".join(lines)},
        "locations": list(_locations(each, data)),
        "partialFingerprints": {FINGERPRINT: fingerprint(each)},
        "properties": {"outcome": MARKS[each["outcome"]]},
    }
    accepted = each["suppressed"]
    if accepted is None:
        return result
    return {
        **result,
        "suppressions": [{"kind": "external", "justification": visible(accepted_words(accepted))}],
    }


def _locations(each: Plain, data: Plain) -> Iterable[dict[str, Any]]:
    """Yield where the evidence stands: its files, as they lie from the working folder on.

    Code hosts refuse all findings where one stands at no file, so that what stands in none is laid
    to a file of the command or of the model; the command's text is its logical location.
    """
    paths = {one["file"]: one["path"] for one in data["files"]}
    files = dict.fromkeys(one["file"] for one in each["evidence"] if one["file"])
    for file in files:
        records = [
            one["record"] for one in each["evidence"] if one["file"] == file and one["record"]
        ]
        region = {"region": {"startLine": records[0]}} if records else {}
        yield {
            "physicalLocation": {
                "artifactLocation": {"uri": address(paths.get(file, file))},
                **region,
            }
        }
    if not files:
        yield {
            "physicalLocation": {"artifactLocation": {"uri": address(data["place"])}},
            "logicalLocations": [
                {"fullyQualifiedName": visible(data["subject"])[:1000], "kind": "command"}
            ],
        }


def address(path: str) -> str:
    """Return a file's path as a relative reference (RFC 3986): never one with a scheme.

    Bytes of a name that is no UTF-8 stand in it as they are on the disk, percent-encoded.
    """
    written = path.replace("\\", "/").lstrip("/")
    return quote(_bytes_of(written), safe="/-._~") or "."


def _bytes_of(path: str) -> bytes:
    """Return a name as the bytes it was read from; half a surrogate pair as those of its own."""
    try:
        return path.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return path.encode("utf-8", "surrogatepass")


def fingerprint(each: Plain) -> str:
    """Return what tells a finding from others over runs: its check, files and words, no numbers.

    Numbers, such as of free memory, differ from run to run without being another finding.
    """
    files = sorted({one["file"] for one in each["evidence"] if one["file"]})
    words = _VARYING.sub("0", each["message"])
    told = "\0".join((each["check"], *files, words))
    return hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()[:32]
