"""The chat template uses only what llama.cpp's own template engine has.

Why: llama.cpp does not render templates with Python's Jinja but with a small engine of its own.
It knows set, if, for, macro, call, filter, break, continue and generation, and stops at another
statement ("Unknown statement: do"); `tojson` with `sort_keys=true` or `ensure_ascii=true` is not
implemented. The server then refuses the template, or each request.

Fix: name a template without these with `--chat-template-file`, or change the line.
"""

import re
from collections.abc import Iterator
from typing import Final

from firstmile.check.chat_templates import stated_template
from firstmile.check.intent import Action, Intent
from firstmile.check.template_worlds import chatml, template
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, passed, seen, warned
from firstmile.check.worlds import folder, world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="crash/value/other",
    cause="api/compatibility",
    stage="inference",
    entries=("template-engine-lacks-what-the-chat-template-uses",),
    references=("https://github.com/ggml-org/llama.cpp/tree/master/common/jinja",),
)
_STATEMENTS: Final = re.compile(
    r"{%[-+]?[ \t\n]{0,20}(include|import|from|extends|block|do|with|autoescape)\b"
)
_TOJSON: Final = re.compile(r"\btojson\([^()\n]{0,80}\b(sort_keys|ensure_ascii) ?= ?[Tt]rue")


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look for statements and arguments that the engine does not have."""
    if intent.engine != "llama.cpp":
        return does_not_apply("the command does not start llama.cpp")
    found = stated_template(snapshot, intent)
    if isinstance(found, Verdict):
        return found
    used = [f"the statement {one}" for one in _STATEMENTS.findall(found.source)]
    used += [f"tojson with {one}" for one in _TOJSON.findall(found.source)]
    if not used:
        return passed("The template uses nothing that llama.cpp is known to lack.")
    named = ", ".join(dict.fromkeys(used))
    return warned(
        f"The chat template uses what llama.cpp lacks: {named}.",
        seen(named, file=found.path),
        remedy="Start llama-server with --jinja --chat-template-file FILE.jinja, a copy of the "
        f"template without {used[0]}.",
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(source: str) -> Snapshot:
        one = template(chatml, source=source, path="model.gguf")
        return world(folder(kind="gguf", templates=(one,)))

    server = Intent(action=Action.SERVE, engine="llama.cpp")
    plain = "{%- for m in messages %}{{ m | tojson(ensure_ascii=false) }}{% break %}{% endfor %}"
    yield Example(outcome=Outcome.PASS, snapshot=of(plain), intent=server)
    yield Example(outcome=Outcome.WARN, snapshot=of("{%- do x %}"), intent=server, says="do")
    sorts = of("{{ tools | tojson(indent=2, sort_keys=True) }}")
    yield Example(outcome=Outcome.WARN, snapshot=sorts, intent=server, says="sort_keys")
    yield Example(outcome=Outcome.SKIP, snapshot=sorts, says="does not apply")
    bare = world(folder(kind="gguf"))
    yield Example(outcome=Outcome.SKIP, snapshot=bare, intent=server, says="does not apply")
    yield Example(outcome=Outcome.SKIP, snapshot=world(), intent=server, says="not known")
