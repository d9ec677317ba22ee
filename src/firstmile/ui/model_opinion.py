"""A language model's opinion on a diagnosis, from an endpoint that the user names."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from time import sleep
from typing import TYPE_CHECKING, Any, Final

import typer

from firstmile.errors import UserError
from firstmile.rendering.inert import visible
from firstmile.ui.needed import require

if TYPE_CHECKING:
    from firstmile.diagnose.hypotheses import Diagnosis
    from firstmile.diagnose.reading import Line
    from firstmile.diagnose.reranking import Opinion, Question
    from firstmile.study.model_rater.endpoint import Endpoint

KEY: Final = "FIRSTMILE_LLM_KEY"
"""The environment variable with the endpoint's key."""
MOST_SECONDS: Final = 60.0
MOST_TOKENS: Final = 4_096
"""Of a reply: those of the schema take some 200, what a model thinks before it takes more."""
ATTEMPTS: Final = 2
"""A reply that cannot be used is asked for once more."""
TRIES: Final = 2
"""Times that one request is made; so a diagnosis costs four requests at most."""
LONGEST_SHOWN: Final = 4_000
"""Characters of an unusable reply that the model is shown again."""


def prompt_text(lines: "Sequence[Line]", diagnosis: "Diagnosis") -> str:
    """Return what a model would be asked, to be pasted; nothing in it acts on a terminal."""
    asked = "\n\n".join(one["content"] for one in _question(lines, diagnosis).messages)
    return "\n".join(visible(line) for line in asked.split("\n"))


def with_opinion(
    diagnosis: "Diagnosis",
    lines: "Sequence[Line]",
    *,
    address: str,
    model: str,
    environment: Mapping[str, str] = os.environ,
    pause: Callable[[float], None] = sleep,
) -> "tuple[Diagnosis, dict[str, Any] | None]":
    """Return the diagnosis with a model's opinion in it, and what came from the model.

    Whatever goes wrong is one sentence on stderr; then the diagnosis is our own, and None.
    """
    try:
        require("collect")
        return _asked(diagnosis, lines, address, model, environment, pause)
    except UserError as error:
        told = visible(str(error)).rstrip(".")
        typer.echo(f"firstmile: {told}; the answer is firstmile's own.", err=True)
        return diagnosis, None


def _asked(
    diagnosis: "Diagnosis",
    lines: "Sequence[Line]",
    address: str,
    model: str,
    environment: Mapping[str, str],
    pause: Callable[[float], None],
) -> "tuple[Diagnosis, dict[str, Any]]":
    from firstmile.diagnose.reranking import opinion_plainly, rerank
    from firstmile.study.model_rater.endpoint import open_endpoint

    question = _question(lines, diagnosis)
    opened = open_endpoint(
        address,
        model=model,
        key_variable=KEY if environment.get(KEY) else "",
        seconds=MOST_SECONDS,
        sleep=pause,
        environment=environment,
    )
    with replace(opened, after_failure="the model was not asked again") as endpoint:
        opinion = _opinion(endpoint, question)
        said = {"model": model, "host": endpoint.host}
    return (
        rerank(diagnosis, opinion, lines),
        said | opinion_plainly(opinion, question, lines),
    )


def _opinion(endpoint: "Endpoint", question: "Question") -> "Opinion":
    from firstmile.diagnose.replies import ReplyError
    from firstmile.diagnose.reranking import read_reply

    messages, problem = question.messages, ""
    for _ in range(ATTEMPTS):
        answer = endpoint.ask(
            messages, schema=question.schema, most_tokens=MOST_TOKENS, most_tries=TRIES
        )
        if answer.refused:
            raise UserError(f"The model at {endpoint.host} refused to answer.")
        try:
            if answer.finish == "length":
                raise ReplyError("it was cut off before its end")
            return read_reply(answer.content, question)
        except ReplyError as error:
            problem = str(error)
            messages = question.again(answer.content[:LONGEST_SHOWN], problem)
    raise UserError(f"The reply of the model at {endpoint.host} cannot be used ({problem}).")


def _question(lines: "Sequence[Line]", diagnosis: "Diagnosis") -> "Question":
    from firstmile.diagnose.reranking import make_question
    from firstmile.redaction import redact

    return make_question(lines, diagnosis, lambda text: redact(text).text)
