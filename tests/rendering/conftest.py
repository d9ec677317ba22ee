"""The sample document, drawn once for all tests of this folder."""

import pytest

from firstmile.rendering.document import Document
from firstmile.rendering.figures import Drawings, draw_figures
from rendering import samples


@pytest.fixture(scope="session")
def document() -> Document:
    return samples.document()


@pytest.fixture(scope="session")
def drawings(document: Document) -> Drawings:
    return draw_figures(document)
