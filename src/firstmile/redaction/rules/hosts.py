"""Machines: names of hosts in shell prompts and messages, and of graphics cards."""

import re
from typing import Final

from firstmile.redaction.rule import LEFT, RIGHT, Late, Rule, Turns, group_where, whole, words
from firstmile.redaction.rules.people import is_somebody

_ANY_HOST: Final = words("localhost local host hostname unknown none version")
_KNOWN_HOSTS: Final = ("github.com", "gitlab.com", "bitbucket.org", "hf.co", "huggingface.co")


def _is_host(name: str) -> bool:
    return name.lower() not in _ANY_HOST and not name.replace(".", "").isdigit()


def _prompt(match: re.Match[str]) -> str:
    user, host = match["user"], match["host"]
    if host.lower() in _KNOWN_HOSTS:
        return match.group()
    start, end = match.start("user") - match.start(), match.end("host") - match.start()
    who = "<user>" if is_somebody(user) else user
    where = "<host>" if _is_host(host) else host
    return f"{match.group()[:start]}{who}@{where}{match.group()[end:]}"


RULES: Final = (
    Rule(
        id="shell-prompt",
        kind="host",
        about="Account and machine in shell prompts and in the targets of ssh, scp and rsync.",
        anchors=("@",),
        before=34,
        after=200,
        pattern=Late(
            r"(?<![A-Za-z0-9._%+/@-])(?P<user>[A-Za-z_][A-Za-z0-9._-]{0,31}+)@"
            r"(?P<host>[A-Za-z0-9][A-Za-z0-9._-]{0,62}+)"
            r"(?=:[~/]|:\s?[A-Za-z]:|\] ?\[|(?: [^\s\]$#%]{1,60}+)?\][$#]"
            r"|(?::| )[^\s$#%]{0,60}+ ?[$#%] )"
        ),
        replace=_prompt,
        turns=(
            Turns(
                "(base) ada@gpu-box:~/vllm$ vllm serve", "(base) <user>@<host>:~/vllm$ vllm serve"
            ),
            Turns("[ada@node01 llama.cpp]$ make", "[<user>@<host> llama.cpp]$ make"),
            Turns("[ada@box] [11:43]", "[<user>@<host>] [11:43]"),
            Turns("root@3f2a9c0d41b7:/workspace# ls", "root@<host>:/workspace# ls"),
            Turns("ada@Adas-MacBook-Pro llama % ls", "<user>@<host> llama % ls"),
            Turns("scp x ada@box.lan:/tmp", "scp x <user>@<host>:/tmp"),
        ),
        keeps=(
            "git@github.com:/vllm",
            "@torch.no_grad()",
            "image@sha256:0a1b2c",
            "a@b",
            "<user>@<host>:~$",
            "x @ y % z",
        ),
    ),
    Rule(
        id="ssh-target",
        kind="host",
        about="Account and machine after `ssh`.",
        anchors=("ssh ",),
        pattern=Late(
            r"\bssh (?:-[A-Za-z](?: ?[^\s@-][^\s@]{0,60}+)? ){0,6}"
            r"(?P<user>[A-Za-z_][A-Za-z0-9._-]{0,31}+)@(?P<host>[A-Za-z0-9][A-Za-z0-9._-]{0,62}+)"
        ),
        replace=_prompt,
        turns=(
            Turns("ssh -p 22 ada@box", "ssh -p 22 <user>@<host>"),
            Turns("ssh root@box", "ssh root@<host>"),
        ),
        keeps=("ssh -T git@github.com".replace("git@", "git at "), "ssh user"),
    ),
    Rule(
        id="uname",
        kind="host",
        about="The machine's name in what `uname -a` prints.",
        anchors=("Linux ", "Darwin "),
        pattern=Late(
            r"\b(?:Linux (?P<value>[A-Za-z0-9][A-Za-z0-9._-]{0,62}+)(?= \d+\.\d+[^\s]{0,60} #\d)"
            r"|Darwin (?P<mac>[A-Za-z0-9][A-Za-z0-9._-]{0,62}+)(?= \d+\.\d+\.\d+ Darwin Kernel))"
        ),
        replace=lambda match: f"{match.group().split(' ', 1)[0]} <host>",
        turns=(
            Turns(
                "Linux box 5.15.0-91-generic #101-Ubuntu SMP",
                "Linux <host> 5.15.0-91-generic #101-Ubuntu SMP",
            ),
            Turns(
                "Darwin Adas-Mac.local 23.1.0 Darwin Kernel Version 23.1.0",
                "Darwin <host> 23.1.0 Darwin Kernel Version 23.1.0",
            ),
        ),
        keeps=("Linux version 5.15.0-91-generic", "OS: Linux Ubuntu 22.04.1 LTS"),
    ),
    Rule(
        id="peer",
        kind="host",
        about="Machines that PyTorch and NCCL name when they cannot reach each other.",
        anchors=("connect to [", "connected to [", "hostname"),
        pattern=Late(
            r"(?:\bconnect(?:ed)? to \[|(?<![A-Za-z0-9_$-])(?i:hostname)\\?[\"']?[=:] ?\\?[\"']?)"
            r"(?P<value>[A-Za-z0-9][A-Za-z0-9._-]{1,62}+)(?![A-Za-z0-9._(:/-]|\[)"
        ),
        replace=group_where(
            "<host>", lambda name: _is_host(name) and not name.lower().startswith("localhost")
        ),
        turns=(
            Turns("cannot connect to [node-17.lan]:29500", "cannot connect to [<host>]:29500"),
            Turns("HOSTNAME=gpu-box", "HOSTNAME=<host>"),
        ),
        keeps=("connect to [localhost]:29500", "hostname=socket.gethostname()", "HOSTNAME=$(x)"),
    ),
    Rule(
        id="card-id",
        kind="card-id",
        about="Identifiers of one graphics card or of a slice of one.",
        anchors=("GPU-", "MIG-"),
        pattern=Late(
            rf"{LEFT}(?:GPU|MIG)-[0-9a-f]{{8}}-[0-9a-f]{{4}}-[0-9a-f]{{4}}-[0-9a-f]{{4}}"
            rf"-[0-9a-f]{{12}}{RIGHT}"
        ),
        replace=whole("<card-id>"),
        turns=(
            Turns(
                "GPU 0: A100 (UUID: GPU-01234567-89ab-cdef-0123-456789abcdef)",
                "GPU 0: A100 (UUID: <card-id>)",
            ),
        ),
        keeps=("GPU-0", "MIG-1g.10gb"),
    ),
)
