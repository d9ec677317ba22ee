"""A model labels issues: each asked for, checked, counted and recorded, one after the other."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import msgspec

from firstmile.errors import UserError
from firstmile.study.decisions import Decisions, LabelValue, Step
from firstmile.study.design import RaterKind
from firstmile.study.issues import Issue
from firstmile.study.model_rater.cost import (
    MODEL_RATED,
    MOST_REPLY_TOKENS,
    USUAL_REPLY_TOKENS,
    Prices,
    estimated_tokens,
    most_it_can_cost,
    spent,
)
from firstmile.study.model_rater.endpoint import TRIES, Answer, Endpoint
from firstmile.study.model_rater.prompt import Prompt, readable
from firstmile.study.model_rater.reply import ReplyError, cannot_tell, read_reply
from firstmile.study.reading.quoting import shown

_ATTEMPTS = 2
"""A reply that cannot be used is asked for once more."""
_LONGEST_SHOWN = 4_000
"""Characters of an unusable reply that the model is shown again."""


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
        """Say it in one line, as the decision's reason."""
        return (
            f"by the model {shown(self.model)} at {shown(self.host)}, prompt {self.prompt}, "
            f"temperature {self.temperature:g}, {self.input_tokens:,} tokens in and "
            f"{self.output_tokens:,} out"
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
) -> ModelRun:
    """Label issues and record each decision before the next is asked for.

    It may be stopped at any moment: what an issue cost is noted before its decision, so that
    nothing paid is forgotten, and a decision is made once for each prompt. It stops by itself
    before a request that could break the ceiling, over all runs of this rater. Raises UserError
    where the endpoint fails for good.
    """
    before = total = spent(decisions.events(MODEL_RATED), rater)
    labelled = without_reply = 0
    for issue in issues:
        text = readable(issue.thread, redact)
        bound = most_it_can_cost(prompt.messages(text), prices)
        if not _tries(total, bound, prices):
            return ModelRun(
                labelled=labelled,
                without_reply=without_reply,
                cost=total - before,
                stopped=True,
            )
        lost = endpoint.lost
        try:
            value, record = _ask(
                issue.url, text, endpoint, rater=rater, prompt=prompt, prices=prices, total=total
            )
        except UserError:
            if endpoint.lost > lost:
                cost = bound * (endpoint.lost - lost)
                entry = {"issue": issue.url, "rater": rater, "cost": cost, "lost": True}
                decisions.note(MODEL_RATED, entry, at=now())
            raise
        at = now()
        decisions.note(MODEL_RATED, msgspec.to_builtins(record), at=at)
        total += record.cost
        decisions.append(
            issue.url,
            Step.LABEL,
            rater,
            value,
            codebook=codebook,
            at=at,
            key=_key(decisions, issue.url, rater, f"{prompt.version}:{pilot_round}"),
            reason=record.sentence(),
            round=pilot_round,
        )
        labelled += 1
        without_reply += record.problem is not None
        progress(record)
    return ModelRun(
        labelled=labelled, without_reply=without_reply, cost=total - before, stopped=False
    )


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
    requests = input_tokens = output_tokens = 0
    counted = True
    lost = endpoint.lost
    while value is None and requests < _ATTEMPTS:
        so_far = total + prices.cost(input_tokens, output_tokens)
        tries = _tries(so_far, most_it_can_cost(messages, prices), prices)
        if not tries:
            break
        answer = endpoint.ask(
            messages, schema=prompt.schema, most_tokens=MOST_REPLY_TOKENS, most_tries=tries
        )
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
            messages = prompt.again(text, answer.content[:_LONGEST_SHOWN], problem)
    lost = endpoint.lost - lost
    input_tokens += lost * estimated_tokens(messages)
    output_tokens += lost * MOST_REPLY_TOKENS
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


def _tries(total: float, bound: float, prices: Prices) -> int:
    """Return how often a request can be made before it could break the ceiling."""
    if prices.ceiling is None or bound == 0:
        return TRIES
    return max(0, min(TRIES, int((prices.ceiling - total) / bound)))
