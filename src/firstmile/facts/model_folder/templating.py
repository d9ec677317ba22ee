"""Renders a chat template over the conversations: run as a program, so that it can be given up.

It does what transformers does (`utils/chat_template_utils.py`): an immutable sandbox that trims
blocks, with `raise_exception`, `strftime_now`, a `tojson` that leaves HTML alone, `break` and
`continue`, and the `generation` tag. The question is JSON: the template and its variables; each
answer is a line of JSON, written as soon as it is known.
"""

import contextlib
import json
import signal
import sys
from collections.abc import Iterator, Mapping
from datetime import datetime
from importlib import import_module
from typing import Any, Final

from firstmile.facts.model_folder.confined import confine, open_no_more
from firstmile.facts.model_folder.conversations import ASKED, CONVERSATIONS, in_parts

SECONDS: Final = 1.0
"""Of computing for one conversation."""
LONGEST: Final = 200_000
"""Characters of one conversation."""
_NOW: Final = datetime(2026, 1, 1, 12, 0)  # noqa: DTZ001 - templates print the local time


class _TooMuchError(Exception):
    """A conversation used more time or room than it may; the message says which."""


def environment() -> Any:
    """Return the template engine as transformers sets it up."""
    jinja2: Any = import_module("jinja2")
    sandbox: Any = import_module("jinja2.sandbox")
    extensions: Any = import_module("jinja2.ext")
    nodes: Any = import_module("jinja2.nodes")
    for late in ("jinja2.debug", "textwrap", "pprint"):
        import_module(late)

    def parse(self: Any, parser: Any) -> Any:
        line = next(parser.stream).lineno
        body = parser.parse_statements(("name:endgeneration",), drop_needle=True)
        called = nodes.CallBlock(self.call_method("_inside"), [], [], body)
        return called.set_lineno(line)

    def inside(_: Any, caller: Any) -> Any:
        return caller()

    generation = type(
        "Generation",
        (extensions.Extension,),
        {"tags": {"generation"}, "parse": parse, "_inside": inside},
    )

    def raise_exception(message: str) -> None:
        raise jinja2.exceptions.TemplateError(message)

    class Namespace(jinja2.utils.Namespace):  # type: ignore[misc] # jinja2 leaves it untyped
        """A namespace that takes no name with an underscore before it."""

        def __init__(*given: Any, **named: Any) -> None:
            self, *rest = given
            stated = dict(*rest, **named)
            for name in stated:
                _require_plain(name)
            jinja2.utils.Namespace.__init__(self, stated)

        def __setitem__(self, name: str, value: Any) -> None:
            _require_plain(name)
            jinja2.utils.Namespace.__setitem__(self, name, value)

    def _require_plain(name: Any) -> None:
        if isinstance(name, str) and name.startswith("_"):
            raise jinja2.exceptions.SecurityError(f"a namespace takes no name such as {name!r}")

    def new_dict(*given: Any, **named: Any) -> dict[Any, Any]:
        return dict(*given, **named)

    made = sandbox.ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=[generation, extensions.loopcontrols]
    )
    made.filters["tojson"] = _tojson
    made.globals.update(
        raise_exception=raise_exception,
        strftime_now=_NOW.strftime,
        namespace=Namespace,
        dict=new_dict,
    )
    return made


def _tojson(
    value: Any,
    ensure_ascii: bool = False,
    indent: int | None = None,
    separators: Any = None,
    sort_keys: bool = False,
) -> str:
    return json.dumps(
        value,
        ensure_ascii=ensure_ascii,
        indent=indent,
        separators=separators,
        sort_keys=sort_keys,
    )


def render_all(source: str, variables: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield what becomes of each conversation; a single `problem` where nothing can be rendered."""
    try:
        with _in_time():
            template = environment().from_string(source)
    except _TooMuchError as error:
        yield {"problem": str(error)}
        return
    except Exception as error:  # whatever a stranger's template does to the engine
        yield {"problem": _said(error)}
        return
    parted = _wants_parts(template, variables)
    if parted:
        yield {"wants_parts": True}
    for name, conversation in CONVERSATIONS.items():
        given = in_parts(conversation) if parted else conversation
        try:
            with _in_time():
                text = _rendered(template, {**variables, **given})
            yield {"conversation": name, "text": text}
        except _TooMuchError as error:
            yield {"conversation": name, "text": None, "refused": str(error)}
            yield {"problem": str(error)}
            return
        except Exception as error:  # as above
            yield {"conversation": name, "text": None, "refused": _said(error)}


def _wants_parts(template: Any, variables: Mapping[str, Any]) -> bool:
    """Tell a template that loses a text but writes a list of parts, as of models that see."""
    texts = []
    for name in ("plain", "list of parts"):
        try:
            with _in_time():
                texts.append(_rendered(template, {**variables, **CONVERSATIONS[name]}))
        except _TooMuchError:
            return False
        except Exception:  # which is said once the conversation is rendered in its turn
            texts.append("")
    return ASKED not in texts[0] and ASKED in texts[1]


def _rendered(template: Any, variables: Mapping[str, Any]) -> str:
    given = {"tools": None, "documents": None, **json.loads(json.dumps(variables))}
    parts = []
    length = 0
    for part in template.generate(**given):
        length += len(part)
        if length > LONGEST:
            raise _TooMuchError(f"it writes more than {LONGEST:,} characters")
        parts.append(part)
    return "".join(parts)


@contextlib.contextmanager
def _in_time() -> Iterator[None]:
    timer = getattr(signal, "setitimer", None)
    if timer is None:
        yield
        return

    def late(*_: Any) -> None:
        raise _TooMuchError(f"it takes more than {SECONDS:g} s of computing")

    signal.signal(signal.SIGVTALRM, late)
    timer(signal.ITIMER_VIRTUAL, SECONDS)
    try:
        yield
    finally:
        timer(signal.ITIMER_VIRTUAL, 0)


def _said(error: BaseException) -> str:
    line = getattr(error, "lineno", None)
    place = f" (line {line})" if line else ""
    return f"{type(error).__name__}: {str(error)[:500]}{place}"


_WARM: Final = (
    "{% for x in [1] %}{{ ['\\n\u00e9', strftime_now('%d %B')] | tojson | trim }}{% endfor %}"
)


def _warm_up() -> None:
    """Use the engine once, errors included, so that it has opened all files that it needs."""
    engine = environment()
    engine.from_string(_WARM).render()
    for broken in ("{{ raise_exception('x') }}", "{{ a.b.c }}", "{% if %}"):
        with contextlib.suppress(Exception):
            engine.from_string(broken).render()


def _main() -> None:
    confine(sys.argv[1:])
    question = json.loads(sys.stdin.buffer.read())
    _warm_up()
    open_no_more()
    for answer in render_all(question["source"], question["variables"]):
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    _main()
