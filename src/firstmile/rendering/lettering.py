"""How wide the house font writes a text, so that drawings keep their measure in any other.

The converter draws with Liberation Sans. Where a reader's machine has neither it nor one of the
same widths, another font would write past the edge of a drawing, so each text of a static figure
carries the length it was drawn for. The widths are those of Helvetica, which Liberation Sans and
Arial share: Adobe Font Metrics, in thousandths of the size.
"""

import re
from typing import Final

_WIDTHS: Final = {
    222: "ijl‘’",
    191: "'",
    260: "|",
    278: " !,./:;I[]\\ft·",
    333: "()-`r",
    334: "{}",
    355: '"',
    389: "*",
    469: "^",
    500: "ckJsvxyz",
    556: "#$0123456789?L_abdeghnopqu–",
    584: "+<=>~−×",
    611: "FTZ",
    667: "&ABEKPSVXY",
    722: "CDHNRUw",
    778: "GOQ",
    833: "Mm",
    889: "%",
    944: "W",
    1000: "—…",
    1015: "@",
}
_BOLD_WIDTHS: Final = {
    238: "'",
    278: " ,./I\\ijl‘’·",
    280: "|",
    333: "!()-:;[]`ft",
    389: "*{}r",
    474: '"',
    500: "z",
    556: "#$0123456789J_aceksvxy–",
    584: "+<=>^~−×",
    611: "?FLTZbdghnopqu",
    667: "EPSVXY",
    722: "&ABCDHKNRU",
    778: "GOQw",
    833: "M",
    889: "%m",
    944: "W",
    975: "@",
    1000: "—…",
}
_EM: Final = {letter: width for width, letters in _WIDTHS.items() for letter in letters}
_BOLD_EM: Final = {letter: width for width, letters in _BOLD_WIDTHS.items() for letter in letters}

_TEXT: Final = re.compile(r"<text\b([^>]*)(?<!/)>(.*?)</text>", re.DOTALL)
_SPAN: Final = re.compile(r"<tspan\b([^>]*)>([^<]*)</tspan>")
_SIZE: Final = re.compile(r'font-size="([0-9.]+)px"')
_ENTITIES: Final = {"&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": '"', "&apos;": "'"}
_ENTITY: Final = re.compile("|".join(_ENTITIES))
_FEWEST: Final = 2
"""Letters from which a text is given a length; one letter cannot run far."""


def width(text: str, *, size: float, bold: bool = False) -> float | None:
    """Return how wide the house font writes a text; None where it holds a letter not known."""
    widths = _BOLD_EM if bold else _EM
    try:
        return size * sum(widths[letter] for letter in text) / 1000
    except KeyError:
        return None


def with_lengths(svg: str) -> str:
    """Return an SVG whose texts say how long they are, so that no font makes them longer."""
    return _TEXT.sub(_with_length, svg)


def _with_length(found: re.Match[str]) -> str:
    attributes, inside = found.groups()
    size = _SIZE.search(attributes)
    if size is None:
        return found[0]
    points, bold = float(size[1]), 'font-weight="bold"' in attributes

    def length(text: str) -> str:
        plain = _ENTITY.sub(lambda entity: _ENTITIES[entity[0]], text)
        long = width(plain, size=points, bold=bold) if len(plain) >= _FEWEST else None
        return f' textLength="{long:.1f}" lengthAdjust="spacingAndGlyphs"' if long else ""

    if "<" not in inside:
        return f"<text{attributes}{length(inside)}>{inside}</text>"
    spans = _SPAN.sub(lambda span: f"<tspan{span[1]}{length(span[2])}>{span[2]}</tspan>", inside)
    return f"<text{attributes}>{spans}</text>"
