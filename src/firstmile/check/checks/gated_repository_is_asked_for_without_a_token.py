"""A repository that has to be asked for is fetched with a token.

Why: Llama, Gemma and others are gated: their pages ask for consent, and the Hub hands files out
only to accounts that have it. Without a token loading ends in "401 Client Error. Cannot access
gated repo", whatever program asks.

Fix: ask for access on the model's page, then hf auth login, or set HF_TOKEN for the run.
"""

import re
from collections.abc import Iterator
from typing import Final

from firstmile.check.installed import value_of
from firstmile.check.intent import Intent
from firstmile.check.machine_worlds import computer, package
from firstmile.check.other_hubs import OFFLINE, is_set, other_hub
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, not_known, passed, seen, warned
from firstmile.check.worlds import LLAMA, folder, machine, world
from firstmile.facts.hub_cache import cache_key
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="loading/model/validation-failed",
    cause="api/call-parameter",
    entries=("access-to-a-gated-repository-is-missing",),
    references=(
        "https://huggingface.co/docs/hub/en/models-gated",
        "https://huggingface.co/docs/huggingface_hub/en/quick-start#authentication",
    ),
)
_GATED: Final = re.compile(
    r"meta-llama/(?:Meta-|Code)?Llama-[\w.-]{1,80}|google/gemma-(?:[1-3]-)?[\w.-]{1,80}"
    r"|mistralai/(?:Mistral-7B-(?:Instruct-)?v0\.[1-3]|Mixtral-8x(?:7|22)B-(?:Instruct-)?v0\.1"
    r"|Ministral-8B-Instruct-2410|Mistral-(?:Large|Nemo)-[\w.-]{1,80})"
    r"|(?:CohereForAI|CohereLabs)/(?:c4ai-|aya-)[\w.-]{1,80}|bigcode/starcoder(?:base)?(?:-\w+)?"
    r"|databricks/dbrx-[\w-]{1,40}|tiiuae/falcon-180[bB](?:-chat)?"
)
"""Repositories whose pages ask, or asked for a time, for consent."""
_TOKENS: Final = ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN")


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look for a token where a gated repository would be fetched."""
    model = intent.model or ""
    if snapshot.model is not None:
        return does_not_apply("the model's files are there")
    if _GATED.fullmatch(model) is None:
        return does_not_apply("no repository is asked for that is known to be gated")
    if intent.engine == "ollama":
        return does_not_apply("Ollama fetches from a library of its own")
    elsewhere = other_hub(snapshot, intent) or is_set(snapshot, intent, OFFLINE)
    if elsewhere is not None:
        return does_not_apply(f"{elsewhere} is set, so that the Hub is not asked")
    environment = snapshot.environment
    cached = environment.cached_repositories if environment is not None else None
    if cached is not None and cache_key(model) in cached:
        return passed("The Hub cache holds files of it.", seen(f"model = {model}"))
    found = next((name for name in _TOKENS if value_of(snapshot, intent, name)), None)
    if found is not None:
        return passed("A token is set.", seen(f"{found} is set"), seen(f"model = {model}"))
    if environment is None:
        return not_known("the variables of the machine")
    return warned(
        f"The repository {model} is handed out only to accounts that were let in.",
        seen(f"model = {model}"),
        seen("neither HF_TOKEN nor HUGGING_FACE_HUB_TOKEN is set"),
        remedy="Ask for access on its page, then hf auth login (once on this machine), or set "
        "HF_TOKEN.",
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""
    bare = computer(package("transformers", "4.40.0"), cached=())
    llama = Intent(engine="transformers", model="meta-llama/Meta-Llama-3-8B-Instruct")
    yield Example(outcome=Outcome.WARN, snapshot=world(environment=bare), intent=llama)
    token = machine(variables={"HF_TOKEN": "(hidden)"})
    yield Example(outcome=Outcome.PASS, snapshot=world(environment=token), intent=llama)
    key = cache_key("meta-llama/Meta-Llama-3-8B-Instruct")
    held = computer(package("transformers", "4.40.0"), cached=(key,))
    yield Example(outcome=Outcome.PASS, snapshot=world(environment=held), intent=llama)
    open_one = Intent(engine="vllm", model="Qwen/Qwen2.5-7B-Instruct")
    yield Example(outcome=Outcome.SKIP, snapshot=world(environment=bare), intent=open_one)
    for engine, variable, outcome in (
        ("sglang", "SGLANG_USE_MODELSCOPE", Outcome.SKIP),
        ("llama-factory", "USE_MODELSCOPE_HUB", Outcome.SKIP),
        ("vllm", "SGLANG_USE_MODELSCOPE", Outcome.WARN),
    ):
        scope = Intent(engine=engine, model=llama.model, variables={variable: "true"})
        yield Example(outcome=outcome, snapshot=world(environment=bare), intent=scope)
    online = Intent(engine="vllm", model=llama.model, variables={"HF_HUB_OFFLINE": "0"})
    yield Example(outcome=Outcome.WARN, snapshot=world(environment=bare), intent=online)
    local = world(folder(config=LLAMA), bare)
    yield Example(outcome=Outcome.SKIP, snapshot=local, intent=llama, says="are there")
    yield Example(outcome=Outcome.SKIP, snapshot=world(), intent=llama, says="not known")
