"""What a model is asked about in tests, and one run of asking it."""

from typing import Any

from firstmile.study.decisions import Decisions
from firstmile.study.issues import Issue
from firstmile.study.model_rater import (
    ModelRun,
    Prices,
    label_with_model,
    make_prompt,
    open_endpoint,
)
from firstmile.taxonomy import load_taxonomy
from model_rater.endpoint_server import Model, Server

PROMPT = make_prompt(load_taxonomy())
FREE = Prices()
LINE = "torch.OutOfMemoryError: CUDA out of memory."
CRASH = {
    "symptom": "crash/cuda/out-of-memory",
    "cause": "hardware/gpu-memory",
    "stage": "inference",
    "quote": LINE,
}


def an_issue(number: int = 1, body: str = LINE) -> Issue:
    return Issue(
        origin="github",
        repository="example/project",
        number=number,
        url=f"https://github.com/example/project/issues/{number}",
        title="It stops",
        body=body,
    )


def label(
    server: Server,
    decisions: Decisions,
    *issues: Issue,
    prices: Prices = FREE,
    redact: Any = str,
    **more: Any,
) -> ModelRun:
    with open_endpoint(
        server.address,
        model="tiny",
        key_variable="MACHINE_API_KEY",
        seconds=0.5,
        sleep=lambda _: None,
        environment={"MACHINE_API_KEY": "secret-key"},
    ) as endpoint:
        return label_with_model(
            decisions,
            issues or (an_issue(),),
            endpoint,
            rater="assistant",
            prompt=PROMPT,
            prices=prices,
            redact=redact,
            now=lambda: "2026-01-01T00:00:00Z",
            codebook="1.0.0",
            **more,
        )


def always(content: str) -> Model:
    return lambda _messages: content
