"""Several issues are asked about at once, with the same result as one by one."""

import threading
import time
from pathlib import Path

import pytest

from firstmile.errors import UserError
from firstmile.study.decisions import Decisions, Step, label_of
from firstmile.study.model_rater import Prices, spent
from firstmile.study.model_rater.cost import MODEL_RATED, most_it_can_cost
from firstmile.study.model_rater.prompt import readable
from model_rater.endpoint_server import last_message, reply, serving
from model_rater.rating_runs import CRASH, LINE, PROMPT, always, an_issue, label

pytestmark = pytest.mark.long


class Gauge:
    """A model that counts how many requests it is in at once."""

    def __init__(self, pause: float = 0.08) -> None:
        self.pause, self.now, self.most = pause, 0, 0
        self._lock = threading.Lock()

    def __call__(self, messages: list[dict[str, str]]) -> str:
        with self._lock:
            self.now += 1
            self.most = max(self.most, self.now)
        time.sleep(self.pause)
        with self._lock:
            self.now -= 1
        return reply(**CRASH)


@pytest.mark.parametrize("at_once", [1, 4])
def test_so_many_are_asked_about_at_once_and_no_more(decisions: Decisions, at_once: int) -> None:
    gauge = Gauge()
    with serving(gauge) as server:
        run = label(server, decisions, *map(an_issue, range(1, 24, 2)), at_once=at_once)
    assert run.labelled == 12
    assert gauge.most == at_once


def test_decisions_come_in_the_issues_order_whoever_answers_first(decisions: Decisions) -> None:
    issues = [an_issue(n, f"{LINE}\nnumber {n}") for n in range(1, 24, 2)]

    def later_ones_first(messages: list[dict[str, str]]) -> str:
        number = int(last_message(messages).rpartition("number ")[2].split()[0])
        time.sleep(0.08 if number % 4 == 1 else 0)
        return reply(**CRASH, note=f"number {number}")

    with serving(later_ones_first) as server:
        label(server, decisions, *issues)
    history = decisions.history(step=Step.LABEL)
    assert [one.issue for one in history] == [issue.url for issue in issues]
    assert [label_of(one).note for one in history] == [f"number {n}" for n in range(1, 24, 2)]
    assert [one.data["issue"] for one in decisions.events(MODEL_RATED)] == [i.url for i in issues]


@pytest.mark.parametrize("share", [0.5, 1.0, 2.01, 3.3, 9.0, 31.0, 47.5, 1000.0])
def test_the_ceiling_stops_side_by_side_where_it_stops_one_by_one(
    tmp_path: Path, share: float
) -> None:
    issues = [an_issue(2 * at + 1, LINE + "\nlog" * (at % 3) * 500) for at in range(14)]
    bound = most_it_can_cost(
        PROMPT.messages(readable(LINE, str)), PROMPT, Prices(input=1, output=1)
    )
    prices = Prices(input=1, output=1, ceiling=bound * share)
    usage = {"prompt_tokens": round(bound * 900_000), "completion_tokens": 0}
    found = []
    for at_once in (1, 4):
        with (
            serving(always(reply(**CRASH)), usage=usage) as server,
            Decisions(tmp_path / f"{at_once}.sqlite") as decisions,
        ):
            run = label(server, decisions, *issues, prices=prices, at_once=at_once)
            urls = [one.issue for one in decisions.history(step=Step.LABEL)]
            found.append((run, urls, len(server.requests)))
            assert spent(decisions.events(), "assistant") <= bound * share
    assert found[0] == found[1]


def test_an_endpoint_that_fails_in_between_loses_nothing_of_the_others(
    decisions: Decisions,
) -> None:
    issues = [an_issue(n, f"{LINE}\nnumber {n}") for n in range(1, 14, 2)]
    failing = ["number 3"]

    def fails_at_one(messages: list[dict[str, str]]) -> str:
        if any(f"{words}\n" in last_message(messages) for words in failing):
            raise ConnectionAbortedError
        return reply(**CRASH)

    with serving(fails_at_one) as server:
        with pytest.raises(UserError, match="the same command goes on"):
            label(server, decisions, *issues)
        kept = [one.issue for one in decisions.history(step=Step.LABEL)]
        assert issues[0].url in kept
        assert issues[1].url not in kept
        failing.clear()
        left = [issue for issue in issues if issue.url not in kept]
        label(server, decisions, *left)
    done = [one.issue for one in decisions.history(step=Step.LABEL)]
    assert sorted(done) == sorted(issue.url for issue in issues)


def test_what_is_unanswered_at_ctrl_c_counts_as_paid(decisions: Decisions) -> None:
    issues = [an_issue(n, f"{LINE}\nnumber {n}") for n in range(1, 10, 2)]
    prices = Prices(input=1, output=1, ceiling=1000)
    interrupted = threading.Event()

    def silent_after_the_first(messages: list[dict[str, str]]) -> str:
        if "number 1\n" not in last_message(messages):
            interrupted.wait(5)
        return reply(**CRASH)

    def interrupt(_record: object) -> None:
        raise KeyboardInterrupt

    with serving(silent_after_the_first) as server:
        with pytest.raises(KeyboardInterrupt):
            label(server, decisions, *issues, prices=prices, progress=interrupt)
        interrupted.set()
        lost = [one for one in decisions.events(MODEL_RATED) if one.data.get("lost")]
        assert len(lost) == 3
        assert spent(decisions.events(), "assistant") > 3 * len(PROMPT.system) / 1_000_000
        label(server, decisions, *issues[1:], prices=prices)
    assert len(decisions.history(step=Step.LABEL)) == 5


def test_what_one_request_learns_of_the_endpoint_the_next_ones_know(decisions: Decisions) -> None:
    with serving(always(reply(**CRASH)), refuses="response_format") as server:
        label(server, decisions, *map(an_issue, range(1, 24, 2)))
    refused = sum("response_format" in request for request in server.requests)
    assert 1 <= refused <= 4
    assert len(server.requests) == 12 + refused
