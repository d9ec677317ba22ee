"""The page is one file that asks nothing of the network and runs nothing it was given."""

import base64
import hashlib
import json
import re
import subprocess
import sys
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstmile.errors import UserError
from firstmile.rendering.document import Document
from firstmile.rendering.figures import Drawings
from firstmile.rendering.page import write_page
from firstmile.rendering.page.writing import json_for_html
from rendering import samples


class Reader(HTMLParser):
    """Collects elements with their attributes, and the text of scripts and styles."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.raw: list[tuple[dict[str, str | None], str]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag in {"script", "style"}:
            self.raw.append((dict(attrs), ""))

    def handle_data(self, data: str) -> None:
        if self.cdata_elem and self.raw:
            attributes, text = self.raw[-1]
            self.raw[-1] = (attributes, text + data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


@pytest.fixture(scope="module")
def page(
    document: Document, drawings: Drawings, tmp_path_factory: pytest.TempPathFactory
) -> Reader:
    folder = tmp_path_factory.mktemp("page")
    path = write_page(
        document, folder, drawings=drawings, downloads=[("Data", "report.json")], footer=["By us."]
    )
    assert [file.name for file in folder.iterdir()] == ["index.html"]
    return Reader(path.read_text("utf-8"))


def policy(page: Reader) -> dict[str, list[str]]:
    content = next(
        meta["content"] for meta in page.all("meta") if meta.get("http-equiv") is not None
    )
    assert content is not None
    return {part.split()[0]: part.split()[1:] for part in content.split("; ")}


def test_policy_forbids_everything_but_what_is_inline(page: Reader) -> None:
    rules = policy(page)
    assert rules["default-src"] == ["'none'"]
    assert rules["img-src"] == ["data:"]
    allowed = rules["script-src"] + rules["style-src"]
    assert all(source.startswith("'sha256-") for source in allowed)


def test_policy_allows_exactly_the_scripts_and_styles_that_are_there(page: Reader) -> None:
    run = [text for attributes, text in page.raw if attributes.get("type") != "application/json"]
    hashes = [
        f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
        for text in run
    ]
    rules = policy(page)
    assert sorted(hashes) == sorted(rules["script-src"] + rules["style-src"])


def test_page_loads_nothing(page: Reader) -> None:
    loading = [
        (tag, name, value)
        for tag, attributes in page.elements
        for name, value in attributes.items()
        if name in {"src", "srcset", "data", "action", "poster", "xlink:href"}
        or (name == "href" and tag != "a")
    ]
    assert loading == [("link", "href", "data:,")]


def test_no_attribute_is_a_handler_or_a_style(page: Reader) -> None:
    names = {name for _, attributes in page.elements for name in attributes}
    assert not {name for name in names if name.startswith("on")}
    assert "style" not in names


def test_links_lead_beside_the_page_or_to_https(page: Reader) -> None:
    for anchor in page.all("a"):
        href = anchor["href"]
        assert href is not None
        assert href.startswith(("#", "https://", "figures/", "tables/", "report.json"))


def test_hostile_text_makes_no_element(page: Reader) -> None:
    assert not page.all("img")
    own_scripts = 3
    specifications = len(samples.figures())
    assert len(page.all("script")) == own_scripts + specifications


def test_no_invisible_character_is_in_the_page(
    document: Document, drawings: Drawings, tmp_path: Path
) -> None:
    path = write_page(document, tmp_path, drawings=drawings, interactive=False)
    text = path.read_text("utf-8")
    assert not set("\x1b\x07\u202e\u2028\u2029") & set(text)
    assert "user\\u202etxt.exe" in text


def test_specifications_read_back_as_they_were(page: Reader, drawings: Drawings) -> None:
    found = {
        str(attributes["id"]): json.loads(text)
        for attributes, text in page.raw
        if attributes.get("type") == "application/json"
    }
    for name, drawing in drawings.by_id.items():
        assert found[f"specification-{name}"] == drawing.vega


@given(st.recursive(st.text() | st.integers() | st.none(), st.lists, max_leaves=5))
def test_json_in_a_page_ends_no_script(value: object) -> None:
    text = json_for_html({"a": value})
    assert not set("<>&\u2028\u2029") & set(text)
    assert text.isascii()
    assert json.loads(text) == {"a": value}


def test_every_image_has_a_name(page: Reader) -> None:
    images = [attributes for _, attributes in page.elements if attributes.get("role") == "img"]
    assert len(images) == len(samples.figures())
    assert all(len(image["aria-label"] or "") > 40 for image in images)


def test_headings_are_in_order(page: Reader) -> None:
    levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch(r"h\d", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(b - a <= 1 for a, b in pairwise(levels))


def test_landmarks_language_and_skip_link_are_there(page: Reader) -> None:
    assert page.all("html") == [{"lang": "en"}]
    assert len(page.all("main")) == 1
    assert [nav["aria-label"] for nav in page.all("nav")] == ["Contents"]
    first = page.all("a")[0]
    assert first == {"class": "skip", "href": "#content"}


def test_ids_are_used_once_and_references_lead_somewhere(page: Reader) -> None:
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    wanted = {
        reference
        for _, attributes in page.elements
        for name in ("aria-labelledby", "aria-describedby")
        for reference in (attributes.get(name) or "").split()
    }
    wanted |= {str(a["href"])[1:] for a in page.all("a") if str(a["href"]).startswith("#")}
    assert wanted <= set(ids)


def test_every_table_has_a_name_and_column_heads(page: Reader) -> None:
    assert all(table["aria-labelledby"] for table in page.all("table"))
    assert all("scope" in head for head in page.all("th"))


def test_page_without_interaction_has_no_script_of_vega(
    document: Document, drawings: Drawings, tmp_path: Path
) -> None:
    path = write_page(document, tmp_path, drawings=drawings, interactive=False)
    reader = Reader(path.read_text("utf-8"))
    assert len(reader.all("script")) == 2
    assert path.stat().st_size < 600_000


def test_unknown_value_is_said_and_not_left_blank(page: Reader) -> None:
    assert {"class": "unknown"} in page.all("span")


def test_missing_template_engine_names_the_extra(tmp_path: Path) -> None:
    program = (
        "import sys; sys.modules['jinja2'] = None\n"
        "from pathlib import Path\n"
        "from firstmile.errors import UserError\n"
        "from firstmile.rendering.document import Document\n"
        "from firstmile.rendering.figures import Drawings\n"
        "from firstmile.rendering.page import write_page\n"
        "empty = Document(title='', subtitle='', summary=(), facts=(), sections=())\n"
        "try: write_page(empty, Path('nowhere'), drawings=Drawings(by_id={}))\n"
        "except UserError as error: print(error)\n"
        "assert not Path('nowhere').exists()\n"
    )
    said = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=tmp_path
    ).stdout
    assert 'pip install "firstmile[study]"' in said


def test_page_that_cannot_be_written_is_one_sentence(
    document: Document, drawings: Drawings, tmp_path: Path
) -> None:
    (tmp_path / "index.html").mkdir()
    (tmp_path / "index.html" / "x").touch()
    with pytest.raises(UserError, match=r"index\.html could not be written"):
        write_page(document, tmp_path, drawings=drawings)
