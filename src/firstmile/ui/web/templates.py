"""The templates, styles and scripts that come along, and how a page is made of them."""

import hashlib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Final

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from firstmile.rendering.inert import visible
from firstmile.rendering.page.theme import theme_css
from firstmile.rendering.page.writing import json_for_html
from firstmile.ui.web.thread import escaped

KINDS: Final = {"js": "text/javascript", "css": "text/css"}


def render(name: str, data: Mapping[str, Any]) -> str:
    """Return a page; all text in it is escaped, and what is unseen in it spelled out."""
    return _environment().get_template(name).render(data)


@cache
def assets() -> Mapping[str, bytes]:
    """Return styles and scripts by name."""
    own = files(__package__) / "assets"
    found = {item.name: item.read_bytes() for item in own.iterdir() if "." in item.name}
    found = {name: data for name, data in found.items() if name.rpartition(".")[2] in KINDS}
    found["theme.css"] = theme_css().encode()
    page = files("firstmile.rendering.page")
    found["early.js"] = page.joinpath("early.js").read_bytes()
    return found


@cache
def stamp() -> str:
    """Return a text that changes with any asset; it is in their addresses."""
    digest = hashlib.sha256()
    for name, data in sorted(assets().items()):
        digest.update(f"{name} {len(data)} ".encode() + data)
    return digest.hexdigest()[:16]


@cache
def _environment() -> Environment:
    def inert(value: Any) -> Any:
        if isinstance(value, str) and not isinstance(value, Markup):
            return visible(value)
        return value

    def source(name: str) -> str:
        return files(__package__).joinpath("templates", name).read_text(encoding="utf-8")

    environment = Environment(
        autoescape=True,
        loader=FunctionLoader(source),
        undefined=StrictUndefined,
        finalize=inert,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    # What stands in a script element is escaped by `json_for_html`.
    environment.filters["json"] = lambda value: Markup(json_for_html(value))  # noqa: S704
    environment.filters["lines"] = escaped
    environment.filters["count"] = lambda value: f"{value:,}"
    environment.globals["assets"] = f"/assets/{stamp()}"
    return environment
