"""People: mail addresses, and names in home folders, mail quotes, commit trailers and listings."""

import re
from typing import Final

from firstmile.redaction.rule import Late, Rule, Turns, group, group_where, words

_NOBODY: Final = words(
    "root user users username ubuntu debian centos fedora admin administrator runner runneradmin ",
    "vscode ec2-user azureuser opc public default shared all docker app appuser node linuxbrew ",
    "conda jovyan work workspace data test dev home me you yourname your_name name xxx xxxx ",
    "someuser myuser nobody guest codespace gitpod circleci travis jenkins builder build model ",
    "models vllm sglang ollama llama.cpp kaggle colab sagemaker-user container nvidia share ",
    "deploy service www-data postgres mambauser micromamba nonroot system pip cache",
)
"""Account names that many machines share, so that they name nobody."""


def is_somebody(name: str) -> bool:
    """Whether an account name could be a person's, not one that many machines share."""
    return name.lower() not in _NOBODY and any(map(str.isalnum, name))


_NO_ADDRESS: Final = words(
    "png jpg jpeg gif svg webp json toml yaml gguf safetensors service socket scope slice mount ",
    "target timer plt whl tar zip",
)
_NUMERIC_MAIL: Final = words("com net org cn")


def _is_mail(address: str) -> bool:
    local, _, domain = address.rpartition("@")
    labels = domain.lower().split(".")
    if labels[-1] in _NO_ADDRESS or local == "git":
        return False
    return labels[-1] in _NUMERIC_MAIL or not all(map(str.isdigit, labels[:-1]))


RULES: Final = (
    Rule(
        id="quoted-sender",
        kind="name",
        about="The name in the line that mail programs put above a quoted reply.",
        anchors=("@",),
        before=220,
        after=8,
        pattern=Late(
            r"(?m:^)[> ]{0,8}+On [^\n]{5,60}?\d:\d\d(?::\d\d)?(?:[ \u202f\u00a0]?[AP]M)?"
            r"(?: ?[+-]\d{4})?,? (?P<value>[^\s<*@][^\n<*@]{1,50}?)"
            r"(?= ?<?(?:\*{3}@|<email>|[A-Za-z0-9.+_-]{1,64}+@))"
        ),
        replace=group("<name>"),
        turns=(
            Turns(
                "On Mon, 3 Mar 2025 at 10:21, Ada Lovelace ***@***.***> wrote:",
                "On Mon, 3 Mar 2025 at 10:21, <name> ***@***.***> wrote:",
            ),
            Turns(
                "> On Wed, May 1, 2024 at 9:05 AM Ada <notifications@github.com> wrote:",
                "> On Wed, May 1, 2024 at 9:05 AM <name> <notifications@github.com> wrote:",
            ),
        ),
        keeps=("On startup at 10:21 the server hangs", "On GPU 0:00 it is slow"),
    ),
    Rule(
        id="trailer-name",
        kind="name",
        about="Names in the lines that git writes: author, committer, signed-off-by.",
        anchors=("Author:", "-by:", "Committer:"),
        pattern=Late(
            r"(?:(?<![A-Za-z-])(?:Author|Committer)"
            r"|(?:(?<=Signed-off)|(?<=Co-authored)|(?<=Reviewed)|(?<=Tested)|(?<=Acked))-by):"
            r"[ \t]{1,8}(?P<value>[^\s<>@][^\n<>@]{0,60}?)(?=[ \t]{0,4}<)"
        ),
        replace=group("<name>"),
        turns=(
            Turns("Author: Ada Lovelace <ada@x.org>", "Author: <name> <ada@x.org>"),
            Turns("Signed-off-by: Ada <ada@x.org>", "Signed-off-by: <name> <ada@x.org>"),
        ),
        keeps=("Author: the vLLM team",),
    ),
    Rule(
        id="email",
        kind="email",
        about="Mail addresses.",
        anchors=("@",),
        before=66,
        after=420,
        pattern=Late(
            r"(?<![A-Za-z0-9._%+-])(?P<value>[A-Za-z0-9_][A-Za-z0-9._%+-]{0,63}+"
            r"@(?:[A-Za-z0-9-]{1,63}+\.){1,6}[A-Za-z]{2,24}+)(?![A-Za-z0-9_(\[-])(?!\.[A-Za-z0-9(])(?!:[~/])"
        ),
        replace=group_where("<email>", _is_mail),
        turns=(
            Turns("write to ada.l+x@mail.example.org.", "write to <email>."),
            Turns("联系ada@163.com吧", "联系<email>吧"),
            Turns("<mailto:ada@example.org>", "<mailto:<email>>"),
        ),
        keeps=(
            "x = q@k.transpose(-2, -1)",
            "y = x@w.T",
            "@torch.no_grad()",
            "git clone git@github.com:vllm-project/vllm.git",
            "logo@2x.png",
            "memcpy@GLIBC_2.14",
            "vllm@0.5.3.post1",
            "pip install pkg@git+https://github.com/a/b",
            "systemd user@1000.service",
        ),
    ),
    Rule(
        id="email-in-query",
        kind="email",
        about="Mail addresses as addresses of pages hold them.",
        anchors=("%40",),
        before=66,
        after=420,
        pattern=Late(
            r"(?<![A-Za-z0-9._+-])(?P<value>[A-Za-z0-9_][A-Za-z0-9._+-]{0,63}+"
            r"%40(?:[A-Za-z0-9-]{1,63}+\.){1,6}[A-Za-z]{2,24}+)(?![A-Za-z0-9_-])(?!\.[A-Za-z0-9])"
        ),
        replace=group_where("<email>", lambda value: _is_mail(value.replace("%40", "@"))),
        turns=(
            Turns("https://x.org/?user=ada.l%40example.org&a=1", "https://x.org/?user=<email>&a=1"),
        ),
        keeps=(
            "https://x.org/packages/%40scope/pkg.json",
            "https://x.org/react%4018.2.0",
            "https://x.org/logo%402x.png",
        ),
    ),
    Rule(
        id="ssh-key-owner",
        kind="user",
        about="The account and the machine behind a public key of ssh.",
        anchors=("ssh-rsa ", "ssh-dss ", "ssh-ed25519 ", "ecdsa-sha2-"),
        pattern=Late(
            r"(?:ssh-(?:rsa|dss|ed25519)|ecdsa-sha2-nistp\d{3}) AAAA[A-Za-z0-9+/]{16,}+=*+ "
            r"(?P<value>[^\s@<>]{1,64}+@[^\s@<>]{1,64}+)"
        ),
        replace=group("<user>"),
        turns=(
            Turns(
                "ssh-rsa AAAAB3NzaC1yc2EAAAADAQAB ada@laptop",
                "ssh-rsa AAAAB3NzaC1yc2EAAAADAQAB <user>",
            ),
            Turns(
                "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA== ada@my-mac and",
                "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA== <user> and",
            ),
        ),
        keeps=("ssh-rsa AAAAB3NzaC1yc2EAAAADAQAB", "ssh-rsa keys @ work"),
    ),
    Rule(
        id="home-folder",
        kind="user",
        about="The account in the path of a home folder; the rest of the path stays.",
        anchors=("/home/", "/Users/"),
        pattern=Late(
            r"(?:(?<!\.com)(?<!\.org)(?<!\.net)(?<!\.io)(?<!\.ai)(?<!\.co)(?<!\.cn)"
            r"(?:/home/|(?<![A-Za-z0-9._/-])/Users/|(?<=[A-Za-z]:)/Users/|(?<=/[a-z])/Users/)"
            r"|/(?:home|Users)/(?=[^\s/]{1,64}/[^\s/]))"
            r"(?P<value>[^\s/\\:\"'`<>|*?,;()\[\]{}$%&=@#!]{1,64}+)"
        ),
        replace=group_where("<user>", is_somebody),
        turns=(
            Turns("/home/ada/models/q.gguf", "/home/<user>/models/q.gguf"),
            Turns('File "/Users/ada.l/x.py"', 'File "/Users/<user>/x.py"'),
            Turns("/mnt/c/Users/ada/x", "/mnt/c/Users/<user>/x"),
            Turns("C:/Users/张三/x", "C:/Users/<user>/x"),
            Turns("/data/home/ada", "/data/home/<user>"),
            Turns(
                "https://x.vscode-cdn.net/home/ada/x.py",
                "https://x.vscode-cdn.net/home/<user>/x.py",
            ),
            Turns("python3/Users/ada/x", "python3/Users/<user>/x"),
        ),
        keeps=(
            "/home/ubuntu/vllm",
            "/home/<user>/x",
            "https://example.com/home/products",
            "/home/$USER/x",
            "GET /v1/users/12",
            "/home/",
        ),
    ),
    Rule(
        id="home-folder-windows",
        kind="user",
        about="The account in the path of a Windows home folder, also with doubled backslashes.",
        anchors=("\\users\\", "\\home\\"),
        pattern=Late(
            r"(?i:\\{1,4}(?:users|home)\\{1,4})"
            r"(?P<value>[^\s\\/:*?\"'<>|%$,;()\[\]{}]{1,64}+"
            r"(?: [^\s\\/:*?\"'<>|%$,;()\[\]{}]{1,32}+){0,3}(?=\\)"
            r"|[^\s\\/:*?\"'<>|%$,;()\[\]{}]{1,64}+)"
        ),
        replace=group_where("<user>", is_somebody),
        turns=(
            Turns(r"C:\Users\Ada\AppData\Local", r"C:\Users\<user>\AppData\Local"),
            Turns(r"'C:\\Users\\Ada Lovelace\\x'", r"'C:\\Users\\<user>\\x'"),
            Turns(r"c:\users\ada", r"c:\users\<user>"),
        ),
        keeps=(r"C:\Users\Public\x", r"C:\Users\<user>\x", r"C:\Users\%USERNAME%\x"),
    ),
    Rule(
        id="user-variable",
        kind="user",
        about="The account in dumps of the environment.",
        anchors=("USER=", "NAME="),
        pattern=Late(
            r"(?:(?<![A-Za-z0-9_$])USER|(?<=SUDO_)USER|(?<=(?<![A-Za-z0-9_$])USER)NAME"
            r"|(?<=(?<![A-Za-z0-9_$])LOG)NAME)=[\"']?"
            r"(?P<value>[A-Za-z0-9._-]{2,32}+)(?![A-Za-z0-9._(/-])"
        ),
        replace=group_where("<user>", is_somebody),
        turns=(Turns("LOGNAME=ada\nUSER=ada", "LOGNAME=<user>\nUSER=<user>"),),
        keeps=("USER=root", "USER=$(whoami)", "USERNAME=<user>", "MAX_USER=12x"),
    ),
    Rule(
        id="file-listing",
        kind="user",
        about="Owner and group in the lines of `ls -l`.",
        anchors=("-rw", "drw", "lrw"),
        before=24,
        after=120,
        pattern=Late(
            r"(?m:^)[ \t>|]{0,8}[dlcbps-](?:[r-][w-][xsStT-]){3}[.+@]?[ \t]{1,4}\d{1,6}[ \t]{1,4}"
            r"(?P<value>(?P<owner>[A-Za-z0-9._-]{1,32}+)[ \t]{1,16}(?P<set>[A-Za-z0-9._-]{1,32}+))"
            r"(?=[ \t]{1,16}\d)"
        ),
        replace=lambda match: _owners(match),
        turns=(
            Turns(
                "-rw-rw-r-- 1 ada staff 4096 May 2 10:00 config.json",
                "-rw-rw-r-- 1 <user> <user> 4096 May 2 10:00 config.json",
            ),
            Turns(
                "drwxr-xr-x. 2 ada root 41 May 2 10:00 x",
                "drwxr-xr-x. 2 <user> root 41 May 2 10:00 x",
            ),
        ),
        keeps=("-rw-r--r-- 1 root root 4096 May 2 10:00 config.json", "drwxr-xr-x is the mode"),
    ),
)


def _owners(match: re.Match[str]) -> str:
    owner, owners = match["owner"], match["set"]
    start, end = match.span("value")
    names = match["value"]
    put = "<user>" if is_somebody(owner) else owner
    put += names[len(owner) : len(names) - len(owners)]
    put += "<user>" if is_somebody(owners) else owners
    text, offset = match.group(), match.start()
    return f"{text[: start - offset]}{put}{text[end - offset :]}"
