"""The sample document, drawn once for all tests of this folder, and the workers that drew it."""

from collections.abc import Iterator

import pytest

from firstmile.rendering.converting import Converter
from firstmile.rendering.document import Document
from firstmile.rendering.figures import Drawings, draw_figures
from rendering import samples


@pytest.fixture(scope="session")
def document() -> Document:
    return samples.document()


@pytest.fixture(scope="session")
def converter() -> Iterator[Converter]:
    """Start the workers once: each takes a second until it has drawn its first figure."""
    with Converter() as started:
        yield started


@pytest.fixture(scope="session")
def drawings(document: Document, converter: Converter) -> Drawings:
    return draw_figures(document, converter=converter)
