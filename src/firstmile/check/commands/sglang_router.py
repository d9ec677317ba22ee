"""SGLang's router: `python -m sglang_router.launch_server`, which starts servers, too.

`launch_router` and `smg launch` send requests on to servers that run already, and load no model.
"""

from collections.abc import Iterator
from typing import Final

from msgspec.structs import replace

from firstmile.check.command import Command, Reading, read_started
from firstmile.check.intent import Action, Intent
from firstmile.check.unknown_words import shown

_SERVES: Final = "sglang_router.launch_server"
_ROUTES: Final = ("sglang_router.launch_router", "sglang_router")
_PROGRAMS: Final = ("smg", "amg", "sglang-router")
_OF_THE_ROUTER: Final = "--router-"


def reads(command: Command) -> bool:
    """Tell the router's modules and programs."""
    return command.module in (_SERVES, *_ROUTES) or command.program in _PROGRAMS


def read(command: Command) -> Intent:
    """Read what its servers are told; each copy of the model is a server of its own."""
    if command.module != _SERVES:
        what = "it sends requests on to servers, and loads no model"
        return Intent(engine="sglang", unread=(shown(f"{_name(command)} ({what})"),))
    words = command.arguments.words
    own = [place for place, word in enumerate(words) if _is_the_routers(word)]
    taken = {*own}
    for place in own:
        after = place + 1
        while "=" not in words[place] and after < len(words) and not words[after].startswith("-"):
            taken.add(after)
            after += 1
    left = [word for place, word in enumerate(words) if place not in taken]
    found = read_started(command.starting(("python", "-m", "sglang.launch_server", *left)))
    return replace(found, command=None)


def _is_the_routers(word: str) -> bool:
    return word.replace("_", "-").startswith(_OF_THE_ROUTER)


def _name(command: Command) -> str:
    return command.module or command.program


def examples() -> Iterator[Reading]:
    """Yield commands with what must be read from them."""
    yield Reading(
        command="python -m sglang_router.launch_server --model-path ./m --dp-size 4 --tp-size 2 "
        "--router-policy cache_aware --router-eviction-interval=60 --host 0.0.0.0 --port 30000 "
        "--router_dp_worker_base_port 31000",
        expects={
            "action": Action.SERVE,
            "engine": "sglang",
            "model": "./m",
            "parallel.data": 4,
            "parallel.tensor": 2,
            "port": 30000,
            "unread": (),
        },
    )
    yield Reading(
        command="python -m sglang_router.launch_router --worker-urls http://a:1 http://b:2",
        expects={
            "action": None,
            "model": None,
            "unread": (
                "sglang_router.launch_router (it sends requests on to servers, and loads no model)",
            ),
        },
    )
