"""A check that breaks says that it judged nothing, and to whom that is reported; no more."""

import types
from typing import Any, cast

from firstmile.check.checks import engine_is_not_installed
from firstmile.check.checkup import Checkup, plain
from firstmile.check.intent import Intent
from firstmile.check.running import judge_one
from firstmile.check.unit import Check, check_id
from firstmile.check.verdicts import Verdict
from firstmile.check.worlds import world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Examination, Outcome
from firstmile.rendering.examination import as_text
from firstmile.rendering.examination_markdown import as_markdown
from firstmile.rendering.examination_page import as_fragment
from firstmile.rendering.junit import as_junit


def broken() -> Check:
    """Return a check with an explanation whose judgment raises."""
    made: Any = types.ModuleType(engine_is_not_installed.__name__)
    made.__doc__ = engine_is_not_installed.__doc__
    made.ABOUT = engine_is_not_installed.ABOUT

    def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
        raise KeyError(intent.engine)

    made.judge = judge
    made.examples = engine_is_not_installed.examples
    return cast("Check", made)


def reported() -> dict[str, Any]:
    """Return what is told of it."""
    check = broken()
    examination = Examination(
        subject="vllm serve ./m",
        findings=judge_one(check, world(), Intent(engine="vllm")),
        versions={"firstmile": "0"},
        started="2026-01-01T00:00:00Z",
        seconds=0.1,
    )
    return plain(Checkup(examination=examination, checks={check_id(check): check}))


def test_it_gives_no_reasons_and_no_fix_of_what_it_did_not_judge() -> None:
    (told,) = reported()["findings"]
    assert told["outcome"] == Outcome.ERROR.value
    assert told["message"] == "firstmile failed at it (KeyError), and judged nothing."
    assert told["why"] is None
    assert told["fix"] is None
    assert told["entries"] == []
    assert told["references"] == []
    assert told["remedy"].startswith("Report it to whoever maintains firstmile")


def test_no_form_of_the_report_explains_the_failure_that_was_not_found() -> None:
    data = reported()
    for text in (as_text(data), as_markdown(data), as_fragment(data), as_junit(data)):
        assert "Report it to whoever maintains firstmile" in " ".join(text.split())
        assert "command not found" not in text
        assert "firstmile explain" not in text
