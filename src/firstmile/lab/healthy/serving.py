"""Servers that start, answer and stop."""

import asyncio
import threading
import time
import urllib.error
import urllib.request
from typing import Any

from firstmile.lab.workbench import Workbench


def _serve(application: Any, paths: list[str], port: int) -> None:
    """Serve on the loopback, ask for some paths, and stop."""
    from firstmile.lab.libraries import uvicorn

    server = uvicorn.Server(uvicorn.Config(application, host="127.0.0.1", port=port))

    def ask() -> None:
        while not server.started:
            time.sleep(0.05)
        for path in paths:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10).read()
            except urllib.error.HTTPError as error:
                error.close()
        server.should_exit = True

    threading.Thread(target=ask, daemon=True).start()
    asyncio.run(server.serve())


def serving_a_model(bench: Workbench) -> None:
    """Answer over HTTP, with a path that does not exist and one that is wrong."""
    from firstmile.lab.libraries import fastapi

    model, tokenizer = bench.loaded()
    application = fastapi.FastAPI()

    def generate(prompt: str, tokens: int = 4) -> dict[str, str]:
        ids = tokenizer(prompt, return_tensors="pt")
        return {"text": tokenizer.decode(model.generate(**ids, max_new_tokens=tokens)[0])}

    application.get("/generate")(generate)
    paths = ["/generate?prompt=Hello", "/missing", "/generate?prompt=a&tokens=many", "/docs"]
    _serve(application, paths, bench.free_port())


def serving_plain_answers(bench: Workbench) -> None:
    """Serve without a framework."""

    async def application(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b"ok"})

    _serve(application, ["/health", "/v1/models", "/metrics"], bench.free_port())


def serving_under_load(bench: Workbench) -> None:
    """Log each request with its time, as servers of models do."""
    model, tokenizer = bench.loaded()
    for number, text in enumerate(bench.rows(10)):
        started = time.perf_counter()
        model.generate(**tokenizer(text, return_tensors="pt"), max_new_tokens=4)
        milliseconds = 1000 * (time.perf_counter() - started)
        bench.say(
            f"INFO: request {number} 200 OK prompt_tokens={len(text) // 3} completion_tokens=4 "
            f"latency={milliseconds:.1f}ms errors=0 queue=0"
        )
