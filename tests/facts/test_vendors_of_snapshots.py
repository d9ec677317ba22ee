"""A GPU's vendor means the same in whatever case a snapshot writes it."""

import pytest

from firstmile.check.worlds import gpu, machine, world
from firstmile.facts.saving import snapshot_from, snapshot_text


@pytest.mark.parametrize(
    ("written", "read"), [("nvidia", "NVIDIA"), ("Amd", "AMD"), ("Maxwell Cards", "Maxwell Cards")]
)
def test_a_vendor_is_read_in_any_case(written: str, read: str) -> None:
    text = snapshot_text(world(None, machine(gpus=[gpu(), gpu(index=1)])))
    changed = text.replace('"NVIDIA"', f'"{written}"')
    assert changed != text
    found = snapshot_from(changed.encode(), name="x.json")
    assert found.environment is not None
    assert {each.vendor for each in found.environment.gpus} == {read}
