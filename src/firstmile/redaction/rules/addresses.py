"""Network addresses, told from version numbers of four parts by what stands around them."""

import ipaddress
import re
from typing import Final

from firstmile.redaction.rule import Late, Rule, Turns, words

_SPOKEN_OF: Final = words(
    "ip ips ipv4 inet host hosts hostname addr address addresses server servers node nodes peer ",
    "client remote from to connect connecting connected listening listen bind binding on at http ",
    "https tcp ssh ping curl telnet proxy gateway dns endpoint url worker head master ray info ",
    "rank rendezvous broadcast route via subnet network",
)
"""Words before an address, also as the last part of a name: `MASTER_ADDR`, `node-ip`."""

_VERSIONED: Final = words("v version cuda cudnn driver release nccl cublas python")
"""Words before a version."""

_GOES_ON: Final = re.compile(r":\d{2,5}(?!\d)|/\d{1,2}(?![\d.])")
"""What follows an address only: a port, or the length of a network's prefix."""

_LAST_WORD: Final = re.compile(r"[A-Za-z0-9_.-]*\Z")
_FIRST_OF_NO_VERSION: Final = 30
_SECOND_OF_NO_VERSION: Final = 16
"""Versions that begin with 10 (parts of CUDA) go on with less; private networks with anything."""

_LOOK_BACK: Final = 60


def _address(match: re.Match[str]) -> str:
    text = match.group()
    first, second = map(int, text.split(".", 2)[:2])
    if first in (0, 127) or first >= 224 or text in ("1.1.1.1", "8.8.8.8", "8.8.4.4"):
        # This machine, any machine, multicast, masks and public name servers point at nobody.
        return text
    if _GOES_ON.match(match.string, match.end()):
        return "<ip-address>"
    said = _said(match.string[max(0, match.start() - _LOOK_BACK) : match.start()])
    if said == "package" and not (first == 10 and second >= _SECOND_OF_NO_VERSION):
        return text
    if said in ("address", "version"):
        return "<ip-address>" if said == "address" else text
    private = (first == 172 and 16 <= second < 32) or (first, second) in ((192, 168), (169, 254))
    if private or first == 10 or first >= _FIRST_OF_NO_VERSION:
        return "<ip-address>"
    return text


def _said(before: str) -> str | None:
    """Return what the text in front speaks of: an "address", a "version", a "package", or None."""
    front = before.rstrip(" \t\"'`|")
    apart = len(front) < len(before)
    if front.endswith(("://", "@", "[")):
        return "address"
    if front.endswith(("==", ">=", "<=", "~=", "!=", "-", "_", "+")):
        return "version"
    if front.endswith(("/", "(")):
        return "version" if front[-2:-1].isalpha() else None
    named = front.rstrip("=: \t\"'`(")
    found = _LAST_WORD.search(named[-40:])
    word = found.group().lower() if found else ""
    last = word.replace("-", "_").rpartition("_")[2]
    if last in _VERSIONED:
        return "version"
    if last in _SPOKEN_OF:
        return "address"
    is_package = "-" in word.strip("-") and apart and len(named) == len(front)
    return "package" if is_package else None


def _address_v6(match: re.Match[str]) -> str:
    text = match.group()
    groups = [group for group in text.split(":") if group]
    if len(groups) < 3 and not text.lower().startswith("fe80::"):
        return text
    if not any(map(str.isdigit, text)):
        return text
    try:
        address = ipaddress.IPv6Address(text)
    except ValueError:
        return text
    return text if address.is_loopback or address.is_unspecified else "<ip-address>"


_OCTET: Final = r"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"

RULES: Final = (
    Rule(
        id="ip-address",
        kind="ip-address",
        about="IPv4 addresses except loopback, any-address and masks; versions stay.",
        anchors=re.compile(r"[0-9]\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]"),
        before=4,
        after=20,
        pattern=Late(
            rf"(?<![A-Za-z0-9.])(?P<v4>{_OCTET}\.{_OCTET}\.{_OCTET}\.{_OCTET})"
            r"(?![A-Za-z0-9_]|\.\d|-[A-Za-z0-9]|\+)"
        ),
        replace=_address,
        turns=(
            Turns("http://10.1.2.3:8000/v1", "http://<ip-address>:8000/v1"),
            Turns(
                'INFO:     192.168.1.20:51432 - "GET /"', 'INFO:     <ip-address>:51432 - "GET /"'
            ),
            Turns("MASTER_ADDR=10.0.0.5", "MASTER_ADDR=<ip-address>"),
            Turns("(RayWorker pid=1, ip=172.17.0.3)", "(RayWorker pid=1, ip=<ip-address>)"),
            Turns("connect to 23.5.6.7 failed", "connect to <ip-address> failed"),
            Turns(
                "run.sh vllm/vllm-openai 10.150.0.34 --x",
                "run.sh vllm/vllm-openai <ip-address> --x",
            ),
            Turns("subnet 10.244.0.0/16", "subnet <ip-address>/16"),
        ),
        keeps=(
            "nvidia-cublas-cu12==12.1.3.1",
            "nvidia-curand-cu12        10.3.2.106",
            "| nvidia-nccl-cu12 | 2.18.1.1 |",
            "CUDA 12.1.0.3",
            "Chrome/120.0.0.0 Safari",
            "cuDNN version: 8.9.2.26",
            "libcudnn8_8.9.7.29-1+cuda12.2_amd64.deb",
            "http://127.0.0.1:8000 and 0.0.0.0:8000",
            "mask 255.255.255.0",
            "TORCH_CUDA_ARCH_LIST='7.0 7.5 8.0 8.6 9.0'",
            "1.2.3.4.5",
            "torch (12.1.3.1)",
            '{"cuda": "12.1.3.1"}',
            "ROCm 6.2.41133",
        ),
    ),
    Rule(
        id="ip-address-v6",
        kind="ip-address",
        about="IPv6 addresses except loopback and any-address.",
        anchors=re.compile(
            r":(?::(?<=[0-9A-Fa-f]::)(?=[0-9A-Fa-f]{1,4}(?![A-Za-z_(<]))"
            r"|[0-9A-Fa-f]{1,4}:(?:[0-9A-Fa-f]{1,4}:){2})"
        ),
        before=42,
        after=42,
        pattern=Late(
            r"(?<![A-Za-z0-9:.])(?:(?:[0-9A-Fa-f]{1,4}:){7}[0-9A-Fa-f]{1,4}"
            r"|(?:[0-9A-Fa-f]{1,4}:){1,6}(?::[0-9A-Fa-f]{1,4}){1,6})(?![A-Za-z0-9:(])"
        ),
        replace=_address_v6,
        turns=(
            Turns("[fe80::1ff:fe23:4567:890a]:29500", "[<ip-address>]:29500"),
            Turns("2001:db8:0:0:8:800:200c:417a is up", "<ip-address> is up"),
            Turns("inet6 fe80::42", "inet6 <ip-address>"),
        ),
        keeps=("[::]:8000 and [::1]:8000", "c10d::add", "std::vector", "at 12:34:56", "a::b::c"),
    ),
    Rule(
        id="mac-address",
        kind="mac-address",
        about="Addresses of network cards.",
        anchors=re.compile(r":[0-9A-Fa-f]{2}:[0-9A-Fa-f]{2}:[0-9A-Fa-f]{2}:"),
        before=16,
        after=20,
        pattern=Late(r"(?<![A-Za-z0-9:])[0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2}){5}(?![A-Za-z0-9:])"),
        replace=lambda match: (
            match.group()
            if match.group().lower() in ("00:00:00:00:00:00", "ff:ff:ff:ff:ff:ff")
            else "<mac-address>"
        ),
        turns=(Turns("ether 02:42:ac:11:00:02 txq", "ether <mac-address> txq"),),
        keeps=(
            "at 12:34:56",
            "ff:ff:ff:ff:ff:ff",
            "00000000:01:00.0",
            "MD5:01:02:03:04:05:06:07:08:09:0a:0b:0c:0d:0e:0f:10",
        ),
    ),
)
