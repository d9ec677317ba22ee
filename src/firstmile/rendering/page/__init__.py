"""A document as one self-contained web page.

`theme` holds the colors, `writing` fills the template; style and behavior lie beside them.
"""

from firstmile.rendering.page.writing import write_page

__all__ = ["write_page"]
