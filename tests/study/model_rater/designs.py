"""The part of a study.toml that names a language model as a rater."""

_MODEL = """\
[[raters]]
name = "machine"
kind = "model"
endpoint = "{address}"
model = "tiny"
key_variable = "MACHINE_API_KEY"
price_input = 1.0
price_output = 1.0
ceiling = {ceiling}
"""


def model_at(address: str, *, ceiling: float = 50.0) -> str:
    """Return the rater `machine`, which asks the endpoint at an address."""
    return _MODEL.format(address=address, ceiling=ceiling)
