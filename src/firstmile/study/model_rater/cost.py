"""What rating by a model costs: an estimate first, and a bound that no request may break."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import msgspec

from firstmile.errors import UserError
from firstmile.study.decisions import Event
from firstmile.study.design import Rater
from firstmile.study.model_rater.endpoint import TRIES, is_loopback
from firstmile.study.model_rater.prompt import Prompt
from firstmile.study.reading.quoting import quoted
from firstmile.study.wording import counted

MOST_REPLY_TOKENS: Final = 1_024
"""What a reply may take; one of the schema takes about a tenth."""
USUAL_REPLY_TOKENS: Final = 120
BYTES_A_TOKEN: Final = 3.0
"""For the estimate: code and logs have about 3 bytes of UTF-8 a token, prose 4, Chinese 3 to 4."""
MODEL_RATED: Final = "model-rated"
"""The event that records what one issue cost."""
LONGEST_SHOWN: Final = 4_000
"""Characters of an unusable reply that the model is shown again."""
LONGEST_PROBLEM: Final = 2_000
"""Bytes of what the model is told about it at most."""
_OVERHEAD: Final = 64
"""Tokens that an endpoint's chat template adds."""
_MILLION: Final = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """Prices per million tokens, and the most that may be spent; None where nothing is paid."""

    input: float = 0.0
    output: float = 0.0
    ceiling: float | None = None

    def cost(self, input_tokens: float, output_tokens: float) -> float:
        """Return what tokens cost."""
        return (input_tokens * self.input + output_tokens * self.output) / _MILLION


class CostPlan(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be expected: one request an issue, and money in the currency of the ceiling.

    `already` was spent before. `ceiling` is None for an endpoint on this machine without prices.
    `prompt_characters` and `prompt_tokens` are the size of the codebook's part of each request,
    `longest` the tokens of the largest request with the most that its reply may take.
    """

    issues: int
    prompt_characters: int = 0
    prompt_tokens: int = 0
    longest: int = 0
    input_tokens: int
    output_tokens: int
    cost: float
    already: float
    ceiling: float | None

    @property
    def fits(self) -> bool:
        """Whether the ceiling allows it."""
        return self.ceiling is None or self.already + self.cost <= self.ceiling

    def sentence(self) -> str:
        """Say what is to be expected."""
        money = "nothing is paid" if self.ceiling is None else f"about {self.cost:,.2f}"
        limit = "" if self.ceiling is None else f" of at most {self.ceiling:,.2f}"
        before = f" ({self.already:,.2f} were spent before)" if self.already else ""
        return (
            f"{counted(self.issues, 'issue takes', 'issues take')} about "
            f"{self.input_tokens:,} tokens in and {self.output_tokens:,} out: {money}{limit}"
            f"{before}. The codebook takes about {self.prompt_tokens:,} tokens of each request "
            f"({self.prompt_characters:,} characters); the model's context "
            f"must hold about {self.longest:,} tokens."
        )

    def require(self, rater: str) -> None:
        """Raise UserError where the plan is above the ceiling."""
        if not self.fits:
            raise UserError(
                f"The rater {quoted(rater)} would cost {self.already + self.cost:,.2f}, above its "
                f"ceiling of {self.ceiling or 0:,.2f}: raise the ceiling in study.toml or label "
                "fewer issues."
            )


def prices_of(rater: Rater) -> Prices:
    """Return a rater's prices; raises UserError where an endpoint elsewhere lacks any."""
    given = (rater.price_input, rater.price_output, rater.ceiling)
    for name, value in zip(("price_input", "price_output", "ceiling"), given, strict=True):
        if value is not None and not 0 <= value < float("inf"):
            raise UserError(f"The rater {quoted(rater.name)} has a negative {name} in study.toml.")
    if None in given and (not is_loopback(rater.endpoint) or any(v is not None for v in given)):
        raise UserError(
            f"The rater {quoted(rater.name)} needs price_input, price_output (per million tokens) "
            "and a ceiling in study.toml before anything is sent."
        )
    return Prices(
        input=rater.price_input or 0.0, output=rater.price_output or 0.0, ceiling=rater.ceiling
    )


def plan(prompt: Prompt, texts: Iterable[str], prices: Prices, *, already: float = 0.0) -> CostPlan:
    """Estimate what labelling texts of `readable` will take."""
    issues = size = largest = 0
    for text in texts:
        issues += 1
        here = message_bytes(prompt.messages(text))
        size, largest = size + here, max(largest, here)
    own = len(prompt.system.encode())
    input_tokens = round(size / BYTES_A_TOKEN) + _OVERHEAD * issues
    output_tokens = USUAL_REPLY_TOKENS * issues
    return CostPlan(
        issues=issues,
        prompt_characters=len(prompt.system),
        prompt_tokens=round(own / BYTES_A_TOKEN),
        longest=round((largest or own) / BYTES_A_TOKEN) + _OVERHEAD + MOST_REPLY_TOKENS,
        input_tokens=input_tokens,
        output_tokens=output_tokens,
        cost=prices.cost(input_tokens, output_tokens),
        already=already,
        ceiling=prices.ceiling,
    )


def most_it_can_cost(messages: Sequence[dict[str, str]], prompt: Prompt, prices: Prices) -> float:
    """Return a bound for one request: no tokenizer makes more tokens than there are bytes.

    The form of the reply counts, since some endpoints put it into the context.
    """
    most = message_bytes(messages) + prompt.schema_bytes + _OVERHEAD
    return prices.cost(most, MOST_REPLY_TOKENS)


def most_all_tries_can_cost(text: str, prompt: Prompt, prices: Prices) -> float:
    """Return a bound for all requests about one text: the question, and the question again."""
    again = prompt.again(text, "\U0010ffff" * LONGEST_SHOWN, "?" * LONGEST_PROBLEM)
    once = most_it_can_cost(prompt.messages(text), prompt, prices)
    return TRIES * (once + most_it_can_cost(again, prompt, prices))


def estimated_tokens(messages: Sequence[dict[str, str]]) -> int:
    """Return the expected tokens of a request, for endpoints that don't count them."""
    return round(message_bytes(messages) / BYTES_A_TOKEN) + _OVERHEAD


def message_bytes(messages: Sequence[dict[str, str]]) -> int:
    """Return the size of what messages say."""
    return sum(len(one["content"].encode()) for one in messages)


def spent(events: Iterable[Event], rater: str) -> float:
    """Return what a rater has cost so far, by the study's events."""
    return sum(
        float(event.data.get("cost", 0.0))
        for event in events
        if event.name == MODEL_RATED and event.data.get("rater") == rater
    )
