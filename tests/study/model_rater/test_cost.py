"""What a model's labels cost: said before, counted after, and stopped at a ceiling."""

import pytest

from firstmile.errors import UserError
from firstmile.study.decisions import Decisions
from firstmile.study.design import Rater, RaterKind
from firstmile.study.model_rater import Prices, plan, spent
from firstmile.study.model_rater.cost import MODEL_RATED, most_it_can_cost, prices_of
from firstmile.study.model_rater.prompt import readable
from model_rater.endpoint_server import reply, serving
from model_rater.rating_runs import CRASH, FREE, PROMPT, always, an_issue, label


def test_tokens_that_are_not_counted_are_estimated(decisions: Decisions) -> None:
    with serving(always(reply(**CRASH)), usage=None) as server:
        label(server, decisions, prices=Prices(input=1, output=1, ceiling=10))
    (event,) = decisions.events(MODEL_RATED)
    assert not event.data["counted"]
    assert event.data["input_tokens"] > len(PROMPT.system) / 4
    assert event.data["cost"] > 0


def test_it_stops_before_the_ceiling_over_all_runs(decisions: Decisions) -> None:
    """The bound of one request allows for three more of those that cost a third of it."""
    bound = most_it_can_cost(
        PROMPT.messages(readable(an_issue().thread, str)), PROMPT, Prices(input=1, output=1)
    )
    prices = Prices(input=1, output=1, ceiling=bound * 2.01)
    usage = {"prompt_tokens": round(bound * 1_000_000 / 2), "completion_tokens": 0}
    issues = [an_issue(2 * at + 1) for at in range(9)]
    with serving(always(reply(**CRASH)), usage=usage) as server:
        first = label(server, decisions, *issues[:2], prices=prices)
        assert not first.stopped
        second = label(server, decisions, *issues[2:], prices=prices)
    assert second.stopped
    assert second.labelled == 1
    total = spent(decisions.events(), "assistant")
    assert total == pytest.approx(first.cost + second.cost)
    assert total <= bound * 2.01
    assert len(server.requests) == 3
    assert spent(decisions.events(), "other") == 0


def test_a_ceiling_below_one_request_sends_nothing(decisions: Decisions) -> None:
    with serving(always(reply())) as server:
        run = label(server, decisions, prices=Prices(input=1, output=1, ceiling=1e-6))
    assert run.stopped
    assert server.requests == []


def test_an_answer_that_was_lost_is_paid_for(decisions: Decisions) -> None:
    prices = Prices(input=1, output=1, ceiling=100)
    with serving(always(reply(**CRASH)), faults=["broken"]) as server:
        label(server, decisions, prices=prices)
    (event,) = decisions.events(MODEL_RATED)
    assert event.data["requests"] == 2
    assert event.data["input_tokens"] > 1000 + len(PROMPT.system) / 4


def test_the_plan_is_made_before_anything_is_sent() -> None:
    texts = [readable(an_issue(at).thread, str) for at in range(10)]
    found = plan(PROMPT, texts, Prices(input=2, output=8, ceiling=1), already=0.25)
    assert found.issues == 10
    assert found.cost == pytest.approx(
        (found.input_tokens * 2 + found.output_tokens * 8) / 1_000_000
    )
    assert found.fits
    assert "10 issues take about" in found.sentence()
    assert "0.25 were spent before" in found.sentence()
    tight = plan(PROMPT, texts, Prices(input=2, output=8, ceiling=0.3))
    with pytest.raises(UserError, match=r"above its ceiling of 0\.30"):
        tight.require("assistant")


def test_an_endpoint_elsewhere_needs_prices_and_a_ceiling() -> None:
    elsewhere = Rater(
        name="assistant", kind=RaterKind.MODEL, endpoint="https://example.com/v1", model="m"
    )
    with pytest.raises(UserError, match="price_input, price_output"):
        prices_of(elsewhere)
    here = Rater(name="a", kind=RaterKind.MODEL, endpoint="http://127.0.0.1:1/v1", model="m")
    assert prices_of(here) == Prices()
    half = Rater(
        name="a", kind=RaterKind.MODEL, endpoint="http://127.0.0.1:1/v1", model="m", ceiling=1.0
    )
    with pytest.raises(UserError, match="price_input"):
        prices_of(half)
    negative = Rater(
        name="a",
        kind=RaterKind.MODEL,
        endpoint="https://example.com/v1",
        model="m",
        ceiling=1.0,
        price_input=-1.0,
        price_output=1.0,
    )
    with pytest.raises(UserError, match="negative price_input"):
        prices_of(negative)


def test_the_codebook_leaves_room_for_a_long_report_in_a_small_context() -> None:
    assert len(PROMPT.system) < 50_000
    longest = readable("NCCL WARN 0x7f3a at [rank 3] \n" * 100_000, str)
    found = plan(PROMPT, [longest], FREE)
    assert found.longest < 32_768
    assert found.prompt_characters == len(PROMPT.system)
    assert f"{len(PROMPT.system):,} characters" in found.sentence()
    assert f"context must hold about {found.longest:,} tokens" in found.sentence()
