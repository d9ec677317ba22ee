"""Folders of whoever runs the program are known by the account's name."""

import pytest

from firstmile.redaction import owners, without_owners


@pytest.mark.parametrize(
    ("variables", "found"),
    [
        ({"USER": "jdoe", "HOME": "/home/jdoe"}, ("jdoe",)),
        ({"HOME": "/export/ada"}, ("ada",)),
        ({"USER": "root", "HOME": "/root", "SUDO_USER": "jdoe"}, ("jdoe",)),
        ({"USER": "ubuntu", "LOGNAME": "vllm", "HOME": "/workspace"}, ()),
        ({"USER": "qwen", "HOME": ""}, ()),
        ({}, ()),
    ],
)
def test_accounts_are_those_of_persons(variables: dict[str, str], found: tuple[str, ...]) -> None:
    assert owners(variables) == found


def test_folders_that_are_called_as_an_account_lose_its_name_and_nothing_else_does() -> None:
    text = '/data/jdoe/hf:/data/jdoe "/x/jdoe" E:\\jdoe\\x /data/jdoes/x jdoe /x/jdoe.py'
    told = '/data/<user>/hf:/data/<user> "/x/<user>" E:\\<user>\\x /data/jdoes/x jdoe /x/jdoe.py'
    assert without_owners(text, ("jdoe",)) == told
    assert without_owners(told, ("jdoe",)) == told
    assert without_owners(text, ()) == text
