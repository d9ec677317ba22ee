"""A model labels issues: some asked about at once, each checked, counted and recorded in order."""

import contextlib
import threading
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future, wait
from dataclasses import dataclass, replace
from functools import partial
from typing import Final, NamedTuple, TypeVar

import msgspec

from firstmile.diagnose.replies import ReplyError
from firstmile.errors import UserError
from firstmile.study.decisions import Decisions, LabelValue, Step
from firstmile.study.design import RaterKind
from firstmile.study.issues import Issue
from firstmile.study.model_rater.cost import (
    LONGEST_PROBLEM,
    LONGEST_SHOWN,
    MODEL_RATED,
    MOST_REPLY_TOKENS,
    USUAL_REPLY_TOKENS,
    Prices,
    estimated_tokens,
    most_all_tries_can_cost,
    most_it_can_cost,
    spent,
)
from firstmile.study.model_rater.endpoint import FIRST_LIMIT_NAME, TRIES, Answer, Endpoint
from firstmile.study.model_rater.prompt import Prompt, readable
from firstmile.study.model_rater.reply import cannot_tell, read_reply
from firstmile.study.reading.quoting import shown

AT_ONCE: Final = 4
"""Issues that the endpoint is asked about at the same time."""
_ATTEMPTS: Final = 2
"""A reply that cannot be used is asked for once more."""

_Answered = TypeVar("_Answered")


class ModelRecord(msgspec.Struct, frozen=True, kw_only=True):
    """How a model's label came about: which model was asked what, where, and at what price.

    `counted` says that the endpoint counted the tokens; otherwise they are estimated. `problem`
    is why the model gave no usable reply, and then its label is "cannot tell".
    """

    issue: str
    rater: str
    kind: RaterKind = RaterKind.MODEL
    model: str
    host: str
    prompt: str
    temperature: float
    requests: int
    input_tokens: int
    output_tokens: int
    counted: bool
    cost: float
    problem: str | None = None

    def sentence(self) -> str:
        """Say it in one line, as the decision's reason; it is published, so it names no host."""
        return (
            f"by the model {shown(self.model)}, prompt {self.prompt}, temperature "
            f"{self.temperature:g}, {self.input_tokens:,} tokens in and {self.output_tokens:,} out"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelRun:
    """What a run did: issues labelled, how many of them without a usable reply, and the cost.

    `stopped` says that the next request could have broken the ceiling.
    """

    labelled: int
    without_reply: int
    cost: float
    stopped: bool


def label_with_model(
    decisions: Decisions,
    issues: Iterable[Issue],
    endpoint: Endpoint,
    *,
    rater: str,
    prompt: Prompt,
    prices: Prices,
    redact: Callable[[str], str],
    now: Callable[[], str],
    codebook: str,
    pilot_round: int = 0,
    progress: Callable[[ModelRecord], None] = lambda _record: None,
    at_once: int = AT_ONCE,
) -> ModelRun:
    """Label issues, `at_once` of them at a time, and record each decision in the issues' order.

    It may be stopped at any moment: what an issue cost is noted before its decision, and what is
    still unanswered when it stops is counted as paid, and a decision is made once for each
    prompt. It stops by itself before a request that could break the ceiling, over all runs of
    this rater. Issues are asked about side by side only while all of them could go as wrong as
    they may and stay below the ceiling; near it one is asked after the other, so that the labels
    and the place to stop are those of asking one by one. Raises UserError where the endpoint
    fails for good.
    """
    before = total = spent(decisions.events(MODEL_RATED), rater)
    labelled = without_reply = 0
    stopped = False
    running: deque[_Asked] = deque()

    def record(asked: _Asked) -> None:
        nonlocal total, labelled, without_reply
        value, entry = _settled(asked, decisions, endpoint, rater=rater, now=now)
        at = now()
        decisions.note(MODEL_RATED, msgspec.to_builtins(entry), at=at)
        total += entry.cost
        decisions.append(
            asked.url,
            Step.LABEL,
            rater,
            value,
            codebook=codebook,
            at=at,
            key=_key(decisions, asked.url, rater, f"{prompt.version}:{pilot_round}"),
            reason=entry.sentence(),
            round=pilot_round,
        )
        labelled += 1
        without_reply += entry.problem is not None
        progress(entry)

    def fits(worst: float) -> bool:
        reserved = sum(asked.worst for asked in running)
        return prices.ceiling is None or total + reserved + worst <= prices.ceiling

    try:
        for issue in issues:
            text = readable(issue.thread, redact)
            worst = most_all_tries_can_cost(text, prompt, prices)
            while running and (len(running) >= at_once or not fits(worst)):
                record(running.popleft())
            bound = most_it_can_cost(prompt.messages(text), prompt, prices)
            if not _tries(total, bound, prices):
                stopped = True
                break
            held = total + sum(asked.worst for asked in running)
            mine = replace(endpoint, lost=0)
            ask = partial(
                _ask, issue.url, text, mine, rater=rater, prompt=prompt, prices=prices, total=held
            )
            running.append(_Asked(issue.url, worst, bound, mine, _beside(ask)))
        while running:
            record(running.popleft())
    except UserError:
        # The others were asked too, and are paid for: what they say is kept.
        for asked in running:
            wait([asked.answer])
        raise
    finally:
        for asked in running:
            if asked.answer.done():
                with contextlib.suppress(UserError):
                    record(asked)
            else:
                cost = asked.bound * (1 + asked.endpoint.lost)
                _note_lost(decisions, asked.url, rater, cost, at=now())
    return ModelRun(
        labelled=labelled, without_reply=without_reply, cost=total - before, stopped=stopped
    )


ASKING: Final = "asking a model"
"""The name of threads that wait for an answer; an interrupted run leaves them behind."""


class _Asked(NamedTuple):
    """An issue that the model is asked about: the most it can cost, and the answer to come."""

    url: str
    worst: float
    bound: float
    endpoint: Endpoint
    answer: "Future[tuple[LabelValue, ModelRecord]]"


def _beside(ask: Callable[[], _Answered]) -> "Future[_Answered]":
    """Ask in a thread that ends with the process: Ctrl-C waits for no endpoint."""
    answer: Future[_Answered] = Future()

    def run() -> None:
        try:
            answer.set_result(ask())
        except BaseException as error:
            answer.set_exception(error)

    threading.Thread(target=run, name=ASKING, daemon=True).start()
    return answer


def _settled(
    asked: _Asked, decisions: Decisions, endpoint: Endpoint, *, rater: str, now: Callable[[], str]
) -> tuple[LabelValue, ModelRecord]:
    """Return an answer once it is there, or note what was paid without one."""
    try:
        return asked.answer.result()
    except UserError:
        if asked.endpoint.lost:
            cost = asked.bound * asked.endpoint.lost
            _note_lost(decisions, asked.url, rater, cost, at=now())
        raise
    except BaseException:
        cost = asked.bound * (1 + asked.endpoint.lost)
        _note_lost(decisions, asked.url, rater, cost, at=now())
        raise
    finally:
        # What one request learnt of the endpoint, the next need not learn again.
        endpoint.lost += asked.endpoint.lost
        endpoint.structured = endpoint.structured and asked.endpoint.structured
        if endpoint.limit_name == FIRST_LIMIT_NAME:
            endpoint.limit_name = asked.endpoint.limit_name


def _note_lost(decisions: Decisions, url: str, rater: str, cost: float, *, at: str) -> None:
    entry = {"issue": url, "rater": rater, "cost": cost, "lost": True}
    decisions.note(MODEL_RATED, entry, at=at)


def _key(decisions: Decisions, url: str, rater: str, asked: str) -> str:
    """Return what names a decision: one for each prompt and round, and for each withdrawal."""
    history = decisions.history(issue=url, step=Step.LABEL, rater=rater)
    withdrawn = sum(one.value is None for one in history)
    return f"model:{rater}:{asked}:{withdrawn}:{url}"


def _ask(
    url: str,
    text: str,
    endpoint: Endpoint,
    *,
    rater: str,
    prompt: Prompt,
    prices: Prices,
    total: float,
) -> tuple[LabelValue, ModelRecord]:
    messages = prompt.messages(text)
    value: LabelValue | None = None
    problem = ""
    requests = input_tokens = output_tokens = lost = 0
    counted = True
    while value is None and requests < _ATTEMPTS:
        so_far = total + prices.cost(input_tokens, output_tokens)
        tries = _tries(so_far, most_it_can_cost(messages, prompt, prices), prices)
        if not tries:
            break
        before = endpoint.lost
        answer = endpoint.ask(
            messages, schema=prompt.schema, most_tokens=MOST_REPLY_TOKENS, most_tries=tries
        )
        lost += (newly := endpoint.lost - before)
        input_tokens += newly * estimated_tokens(messages)
        output_tokens += newly * MOST_REPLY_TOKENS
        requests += 1
        counted = counted and None not in (answer.input_tokens, answer.output_tokens)
        input_tokens += answer.input_tokens or estimated_tokens(messages)
        output_tokens += (
            USUAL_REPLY_TOKENS if answer.output_tokens is None else answer.output_tokens
        )
        if answer.refused:
            problem = "the model refused"
            break
        try:
            value = _read(answer, text, prompt)
        except ReplyError as error:
            problem = str(error)
            messages = prompt.again(text, answer.content[:LONGEST_SHOWN], _told(problem))
    record = ModelRecord(
        issue=url,
        rater=rater,
        model=endpoint.model,
        host=endpoint.host,
        prompt=prompt.version,
        temperature=endpoint.temperature,
        requests=requests + lost,
        input_tokens=input_tokens,
        output_tokens=output_tokens,
        counted=counted and not lost,
        cost=prices.cost(input_tokens, output_tokens),
        problem=shown(problem) if value is None else None,
    )
    return value or cannot_tell(f"No usable reply: {shown(problem)}."), record


def _read(answer: Answer, text: str, prompt: Prompt) -> LabelValue:
    if answer.finish == "length":
        raise ReplyError("it was cut off before its end")
    return read_reply(answer.content, text, prompt)


def _told(problem: str) -> str:
    """Return a problem in at most LONGEST_PROBLEM bytes, as the bound of the cost counts it."""
    return problem.encode()[:LONGEST_PROBLEM].decode("utf-8", "ignore")


def _tries(total: float, bound: float, prices: Prices) -> int:
    """Return how often a request can be made before it could break the ceiling."""
    if prices.ceiling is None or bound == 0:
        return TRIES
    return max(0, min(TRIES, int((prices.ceiling - total) / bound)))
