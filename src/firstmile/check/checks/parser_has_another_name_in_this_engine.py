"""The parsers for tool calls and thinking are named as this engine names them.

Why: vLLM and SGLang have parsers of the same models under other names: qwen25 and gpt-oss are
SGLang's words for vLLM's hermes and openai, deepseekv3 for deepseek_v3. The engine stops after
the weights are loaded: "KeyError: invalid tool call parser: qwen25 (chose from ...)".

A name that no release has ends the same way.

Fix: use the engine's own name; its error message and its documentation list them.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from firstmile.check.chat_parsers import THINKING_PARSERS, TOOL_PARSERS, right_name
from firstmile.check.installed import engine_version
from firstmile.check.intent import Argument, Intent
from firstmile.check.releases import release_of
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import (
    Verdict,
    does_not_apply,
    failed,
    not_known,
    passed,
    seen,
    shortened,
    warned,
)
from firstmile.check.worlds import machine, world
from firstmile.errors import nearest
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="crash/value/value-error",
    cause="configuration/inference",
    stage="inference",
    entries=("server-was-started-without-a-tool-call-parser",),
    references=(
        "https://docs.vllm.ai/en/latest/features/tool_calling.html",
        "https://docs.sglang.io/docs/advanced_features/tool_parser.md",
    ),
)
_PLUGINS: Final = ("tool_parser_plugin", "reasoning_parser_plugin")
_PLUGIN: Final = {
    "--tool-call-parser": "--tool-parser-plugin of vLLM",
    "--reasoning-parser": "--reasoning-parser-plugin of vLLM",
}
_READ: Final = {"vllm": (0, 33)}
"""The release whose parsers are listed; a newer one may have more."""
_OF_OLD: Final = ("identity", "GptOss", "openai", "deepseek_v31")
"""Names that earlier releases had."""


def judge(snapshot: Snapshot, intent: Intent) -> Verdict | Sequence[Verdict]:
    """Look the names up among those of the engine."""
    engine = intent.engine
    if engine is None or engine not in TOOL_PARSERS:
        return does_not_apply("the command starts neither vLLM nor SGLang")
    other = "sglang" if engine == "vllm" else "vllm"
    asked = [
        (flag, name, table[engine], table[other])
        for flag, name, table in (
            ("--tool-call-parser", intent.tool_parser, TOOL_PARSERS),
            ("--reasoning-parser", intent.reasoning_parser, THINKING_PARSERS),
        )
        if name is not None
    ]
    if not asked:
        return does_not_apply("the command names no parser")
    said = " ".join([*(one.name for one in intent.arguments), *intent.unread]).replace("-", "_")
    if any(plugin in said for plugin in _PLUGINS):
        return not_known("which parsers the plugin of the command adds")
    wrong: list[Verdict] = []
    for flag, name, known, elsewhere in asked:
        right = None if name in known else right_name(name, known, elsewhere)
        if right is not None:
            wrong.append(
                failed(
                    f"The parser {name} is called {right} in this engine.",
                    seen(f"{flag} {name}"),
                    remedy=f"Use {flag} {right}.",
                )
            )
    if wrong:
        return wrong
    unknown = [(flag, name) for flag, name, known, _ in asked if name not in known]
    if unknown:
        return [_nowhere(flag, name, snapshot, intent) for flag, name in unknown]
    return passed(f"The engine has {' and '.join(name for _, name, _, _ in asked)}.")


def _nowhere(flag: str, name: str, snapshot: Snapshot, intent: Intent) -> Verdict:
    """Tell of a name that no release has; it fails where the engine is none that nobody read."""
    tools = flag == "--tool-call-parser"
    table = (TOOL_PARSERS if tools else THINKING_PARSERS)[str(intent.engine)]
    near = nearest(name.lower(), sorted(table), alike=0.7)
    meant = f"Use {flag} {near}, if that is meant" if near else f"Leave {flag} out"
    remedy = f"{meant}, or name the plugin that has the parser ({_PLUGIN[flag]})."
    proof = seen(f"{flag} {name}")
    version = engine_version(snapshot.environment, intent)
    release = release_of(version, 2) if version is not None else None
    read = _READ.get(str(intent.engine))
    is_read = read is not None and release is not None and release <= read
    is_looked_up = not tools or intent.tool_choice
    if is_read and is_looked_up and name not in _OF_OLD:
        return failed(
            f"The engine has no parser {shortened(name)}, and stops at it.",
            seen(f"{intent.engine} {version}"),
            proof,
            remedy=remedy,
        )
    said = f"No release of {intent.engine} that is known has a parser {shortened(name)}."
    return warned(said, proof, remedy=remedy)


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def run(engine: str, tools: str | None = None, thinking: str | None = None) -> Intent:
        return Intent(engine=engine, tool_parser=tools, reasoning_parser=thinking)

    none = world()
    yield Example(outcome=Outcome.FAIL, snapshot=none, intent=run("vllm", "qwen25"), says="hermes")
    yield Example(outcome=Outcome.FAIL, snapshot=none, intent=run("vllm", "qwen3-coder"))
    yield Example(outcome=Outcome.FAIL, snapshot=none, intent=run("sglang", "deepseek_v3"))
    yield Example(outcome=Outcome.FAIL, snapshot=none, intent=run("vllm", None, "deepseek-r1"))
    yield Example(outcome=Outcome.PASS, snapshot=none, intent=run("vllm", "hermes", "qwen3"))
    yield Example(outcome=Outcome.PASS, snapshot=none, intent=run("sglang", "qwen25"))
    new = run("vllm", "brand_new")
    yield Example(outcome=Outcome.WARN, snapshot=none, intent=new, says="that is known")
    asks = Intent(engine="vllm", tool_parser="nope", tool_choice=True)
    for outcome, version in ((Outcome.FAIL, "0.11.0"), (Outcome.WARN, "0.40.0")):
        there = world(environment=machine(packages={"vllm": version}))
        yield Example(outcome=outcome, snapshot=there, intent=asks)
    here = world(environment=machine(packages={"vllm": "0.11.0"}))
    yield Example(outcome=Outcome.FAIL, snapshot=here, intent=run("vllm", None, "nope"))
    yield Example(outcome=Outcome.WARN, snapshot=here, intent=run("vllm", "nope"))
    plugin = Argument(written="--tool-parser-plugin", name="tool_parser_plugin", value="p.py")
    own = Intent(engine="vllm", tool_parser="qwen25", arguments=(plugin,))
    yield Example(outcome=Outcome.SKIP, snapshot=none, intent=own, says="not known")
    yield Example(outcome=Outcome.SKIP, snapshot=none, says="does not apply")
