"""Which addresses are read, how they are shown, and which hosts a download may reach."""

import dataclasses
import ipaddress
from pathlib import Path

import pytest

from firstmile.errors import UserError
from firstmile.facts.public_addresses import is_public
from firstmile.study.reading.addresses import read_address
from firstmile.study.reading.network import NetworkPolicy
from reading.https_site import Site
from reading.sources import BODY, Refusal, read


def test_a_redirect_to_a_private_address_is_refused(site: Site, refused: Refusal) -> None:
    url = site.redirect("/set.json", "https://10.0.0.1/set.json")
    assert "10.0.0.1 is at 10.0.0.1, which is no public address" in refused(url)


def test_a_redirect_away_from_https_is_refused(site: Site, refused: Refusal) -> None:
    for target in ("http://127.0.0.1/set.json", "file:///etc/hosts", "ftp://127.0.0.1/x"):
        assert "is not https" in refused(site.redirect("/set.json", target))


def test_a_redirect_to_an_address_with_a_password_is_refused(site: Site, refused: Refusal) -> None:
    url = site.redirect("/set.json", "https://user:sesame@127.0.0.1/")
    assert "sesame" not in refused(url)


def test_a_certificate_that_is_not_trusted_is_refused(
    site: Site, refused: Refusal, policy: NetworkPolicy
) -> None:
    distrusting = dataclasses.replace(policy, certificates=NetworkPolicy().certificates)
    assert "broke off" in refused(site.serve("/set.json", BODY), network=distrusting)


def test_loopback_is_refused_by_default(site: Site, refused: Refusal) -> None:
    url = site.serve("/set.json", BODY)
    for address in (url, url.replace("127.0.0.1", "localhost")):
        assert "which is no public address" in refused(address, network=NetworkPolicy())
    assert site.asked == []


def test_a_host_with_one_forbidden_address_is_refused_before_connecting(
    site: Site, refused: Refusal, policy: NetworkPolicy
) -> None:
    url = site.serve("/set.json", BODY).replace("127.0.0.1", "files.test")
    twofold = dataclasses.replace(policy, resolve=lambda *_: ["127.0.0.1", "10.0.0.7"])
    assert "files.test is at 10.0.0.7" in refused(url, network=twofold)
    assert site.asked == []


def test_the_connection_goes_to_the_very_address_that_was_checked(
    site: Site, policy: NetworkPolicy, cache: Path
) -> None:
    asked: list[str] = []

    def rebind(host: str, _: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["10.0.0.7"]

    url = site.serve("/set.json", BODY).replace("127.0.0.1", "files.test")
    assert len(read(url, dataclasses.replace(policy, resolve=rebind), cache).failures) == 2
    assert asked == ["files.test"]
    assert site.headers[0]["Host"].startswith("files.test:")


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
        "0.0.0.0", "224.0.0.1", "240.0.0.1", "255.255.255.255", "198.18.0.1", "192.0.2.1",
        "::1", "::", "fe80::1", "fc00::1", "ff02::1", "2001:db8::1", "::ffff:127.0.0.1",
        "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a00:1", "2002:7f00:1::", "2002:a00:1::",
    ],
)  # fmt: skip
def test_an_address_that_is_not_public_is_refused(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", ["1.1.1.1", "140.82.121.3", "2606:4700:4700::1111"])
def test_a_public_address_is_allowed(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("http://example.org/set.zip", "is not https"),
        ("HTTP://example.org/set.zip", "is not https"),
        ("file:///etc/passwd", "is not https"),
        ("ftp://user:sesame@example.org/", "is not https"),
        ("https://user:sesame@example.org/set.zip", "user name or password"),
        ("https:///set.zip", "names no host"),
        ("https://example.org:99999/", "no usable address"),
        ("https://[::1/", "no usable address"),
        ("https://example.org/a b", "no usable address"),
        ("https://example.org/\x1b[2J", "no usable address"),
        ("https://example.org\\@127.0.0.1/", "no usable address"),
        ("https://" + "a" * 300 + ".example/", "no name of a host"),
        ("https://example.org/" + "a" * 3000, "no usable address"),
    ],
)
def test_an_unusable_address_is_told_without_its_secrets(
    refusal: Refusal, written: str, told: str
) -> None:
    sentence = refusal(written)
    assert told in sentence
    assert "sesame" not in sentence


@pytest.mark.parametrize(
    "written",
    [
        "https://github.com/example/demo",
        "https://github.com/example/demo/",
        "https://github.com/example/demo.git",
        "https://www.github.com/example/demo?tab=readme#top",
    ],
)
def test_a_repository_becomes_the_archive_of_its_default_branch(written: str) -> None:
    address = read_address(written)
    assert address.full.endswith("github.com/example/demo/archive/HEAD.zip")
    assert address.name == "demo.zip"


def test_other_addresses_stay_what_they_are() -> None:
    address = read_address("https://Example.org:443/a/%C3%A9.csv?x=1#y")
    assert address.full == "https://example.org/a/%C3%A9.csv?x=1"
    assert address.plain == "https://example.org/a/%C3%A9.csv"
    assert address.name == "é.csv"


def test_errors_of_a_download_are_the_users_to_put_right() -> None:
    with pytest.raises(UserError):
        read_address("https://")
