"""A path inside a container is one of the host only where a folder of the host is mounted there."""

import pytest

from firstmile.check.container import on_this_machine
from firstmile.check.intent import Container

MOUNTED = Container(image="vllm/vllm-openai", mounts=(("./models", "/models"),))


@pytest.mark.parametrize(
    ("path", "container", "is_here"),
    [
        ("./model", None, True),
        ("./model", MOUNTED, False),
        ("./models/llama", MOUNTED, True),
        ("/models/llama", MOUNTED, False),
        ("Qwen/Qwen3-8B", MOUNTED, True),
        ("./model", Container(image="vllm.sif", keeps_variables=True), True),
    ],
)
def test_a_path_is_of_the_host_where_its_folder_is_mounted(
    path: str, container: Container | None, is_here: bool
) -> None:
    assert on_this_machine(path, container) is is_here
