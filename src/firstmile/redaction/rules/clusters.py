"""Machines of a company or a cluster, as launchers, schedulers, addresses and logs name them.

Public hosts stay: that huggingface.co could not be reached may be the very failure. So a name is
taken out where its place says that it is of somebody's own machine, or its ending does.
"""

import re
from typing import Final

from firstmile.redaction.rule import Late, Rule, Turns, group, group_where, words
from firstmile.redaction.rules.options import goes_on
from firstmile.redaction.rules.people import is_somebody
from firstmile.redaction.stand_ins import is_code, is_stand_in, is_state

_HOST: Final = r"[A-Za-z0-9][A-Za-z0-9.-]{0,80}+"
_HOSTS: Final = rf"{_HOST}(?:\[[0-9,-]{{1,80}}\])?"
"""A machine, or several as Slurm writes them: `gn[012-014]`."""

_COMMON: Final = words(
    "0 auto app backend controller cache db example frontend head host hostname ip leader local",
    "localhost main master mongo mysql node nodes ollama peer postgres proxy redis self server",
    "sglang tgi url vllm web worker",
)
"""Names that tell what a machine does, in many places the same."""

_LEVELS: Final = words(
    "critical crit debug emerg err error fatal info notice trace verbose warn warning",
    "stderr stdout",
)
_ENDS_OF_OWN: Final = words("corp home intra intranet lan local localdomain internal priv private")
_SURE_ENDS: Final = words("corp intranet lan localdomain")
"""Endings that no code has behind a dot; the others are of attributes too: `threading.local`."""

_OWN_LABELS: Final = words("cluster corp hpc internal intra intranet lan")
_OPEN: Final = words(
    "gateway.docker.internal host.docker.internal kubernetes.docker.internal",
    "localhost.localdomain metadata.google.internal",
)
_PUBLIC: Final = re.compile(
    r"(?i:(?:.*\.)?(?:github|gitlab|gitee|docker|azure|amazonaws|googleapis|aliyuncs|aliyun"
    r"|huggingface|hf|ghcr|nvcr|quay|pypi|pythonhosted|bitbucket|codeberg|modelscope|hf-mirror"
    r"|openai|anthropic|wandb|kaggle|pytorch|nvidia|anaconda|conda|npmjs|tsinghua|ustc)"
    r"\.(?:com|org|io|co|cn|ai|edu\.cn|net))"
)
"""Hosts that everybody knows, also where a name and a password stand before them."""

_MASKED: Final = re.compile(r"[\d.xX*]+")
"""An address, whose own rule knows it, or what was put over one."""

_STORES: Final = words(
    "amqp amqps clickhouse kafka ldap ldaps mariadb mongodb mongodb+srv mssql mysql nats postgres",
    "postgresql redis rediss",
)
_SCHEME: Final = re.compile(r"[a-z0-9+]*\Z")
_SUFFIX: Final = re.compile(r"(?:com|net|org|edu|gov|io|ai|[a-z]{2})")
_EXTENSIONS: Final = words("cc cu go gz hh js md py rs sh so ts xz")


def _is_machine(name: str) -> bool:
    """Whether a name in the place of a host is one of somebody's own."""
    folded = name.lower()
    return not (
        folded.partition("[")[0].rstrip("-") in _COMMON
        or folded in _OPEN
        or folded.startswith("localhost")
        or _MASKED.fullmatch(name)
        or (name.isalpha() and name.isupper())
        or is_state(name)
        or is_stand_in(name)
        or is_code(name)
        or _PUBLIC.fullmatch(name)
    )


def _of_an_option(match: re.Match[str]) -> str:
    value = match["value"]
    if (match["apart"] and goes_on(value)) or not _is_machine(value):
        return match.group()
    return group("<host>")(match)


def _is_internal(name: str) -> bool:
    """Whether a name in an address is of a network that is nobody else's."""
    labels = name.lower().split(".")
    if len(labels) == 1 or name.lower() in _OPEN:
        return False
    return labels[-1] in _ENDS_OF_OWN or (
        not _OWN_LABELS.isdisjoint(labels[1:-1]) and labels[-1] not in _EXTENSIONS
    )


def _is_internal_anywhere(name: str) -> bool:
    """Whether a name in any text is of such a network, and no piece of code."""
    if not _is_internal(name):
        return False
    *labels, last = name.lower().split(".")
    has_a_mark = any("-" in label or any(map(str.isdigit, label)) for label in labels)
    if last in _ENDS_OF_OWN:
        return last in _SURE_ENDS or has_a_mark
    return _SUFFIX.fullmatch(last) is not None and (has_a_mark or "corp" in labels[1:])


def _of_an_address(match: re.Match[str]) -> str:
    """Return an address without its host, where that is of somebody's own network."""
    name = match["value"]
    before = match.string[max(0, match.start() - 20) : match.start()]
    scheme = _SCHEME.search(before.lower())
    is_store = scheme is not None and scheme.group() in _STORES
    is_with_a_dot = "." in name.strip(".") and not name.replace(".", "").isdigit()
    if _is_internal(name):
        return group("<host>")(match)
    is_own = is_with_a_dot and (is_store or match["who"] is not None)
    return group("<host>")(match) if is_own and _is_machine(name) else match.group()


def _of_a_log(match: re.Match[str]) -> str:
    name = match["value"]
    is_other = name.lower() in _LEVELS or re.fullmatch(r"(?:rank|gpu|worker)_?\d+", name.lower())
    if is_other or not is_somebody(name) or not _is_machine(name):
        return match.group()
    return group("<host>")(match)


_MONTHS: Final = (
    *("Jan ", "Feb ", "Mar ", "Apr ", "May ", "Jun ", "Jul ", "Aug ", "Sep ", "Oct ", "Nov "),
    "Dec ",
)
_BEHIND: Final = r"(?=[A-Za-z(][A-Za-z0-9_./()@-]{0,60}(?:\[\d{1,8}\])?: )"
"""The program that wrote a line of the system's log."""

RULES: Final = (
    Rule(
        id="host-of-a-launcher",
        kind="host",
        about="The machine in the table that torchrun prints of a failed rank.",
        anchors=("host  ",),
        pattern=Late(rf"(?<![A-Za-z0-9_.-])host {{2,12}}: (?P<value>{_HOST})(?=\s|\Z)"),
        replace=group_where("<host>", _is_machine),
        turns=(
            Turns("  host      : node07.hpc.uni-x.de\n", "  host      : <host>\n"),
            Turns("  host      : gpu-worker-3", "  host      : <host>"),
        ),
        keeps=("  host      : localhost", "  host      : 127.0.0.1", "ghost     : cpu"),
    ),
    Rule(
        id="host-of-a-setting",
        kind="host",
        about="Machines in `MASTER_ADDR`, `--rdzv-endpoint`, Slurm's lists and `..._HOST`.",
        anchors=(
            *("master_addr", "master-addr", "rdzv_endpoint", "rdzv-endpoint", "nodelist"),
            *("nodename", "dist-init-addr", "dist_init_addr", "_HOST"),
        ),
        pattern=Late(
            r"(?:(?i:master[_-]addr(?:ess)?|rdzv[_-]endpoint|nodelist|nodename"
            r"|dist[_-]init[_-]addr)|_HOST)"
            r"(?:\\?[\"']?\]?[ \t]{0,2}(?:=|:(?=[ \t\"'\\]))[ \t]{0,2}|\\?[\"'],[ ]?"
            r"|(?P<apart>(?:(?<=--master.addr)|(?<=--rdzv.endpoint)|(?<=--nodelist)"
            r"|(?<=--dist.init.addr))[ \t]{1,4}))"
            rf"\\?[\"']?(?P<value>{_HOSTS})(?![A-Za-z0-9_(\[]|:/)"
        ),
        replace=_of_an_option,
        turns=(
            Turns("MASTER_ADDR=gpu-17.cluster.acme.local", "MASTER_ADDR=<host>"),
            Turns("export MASTER_ADDR=zeus\n", "export MASTER_ADDR=<host>\n"),
            Turns('environ["MASTER_ADDR"] = "node1"', 'environ["MASTER_ADDR"] = "<host>"'),
            Turns("torchrun --master_addr node1 x.py", "torchrun --master_addr <host> x.py"),
            Turns("--rdzv-endpoint=node1:29400", "--rdzv-endpoint=<host>:29400"),
            Turns("serve --dist-init-addr n1:5000", "serve --dist-init-addr <host>:5000"),
            Turns("SLURM_JOB_NODELIST=gn[012-014,16]", "SLURM_JOB_NODELIST=<host>"),
            Turns("OLLAMA_HOST=gpubox:11434", "OLLAMA_HOST=<host>:11434"),
        ),
        keeps=(
            "MASTER_ADDR=localhost",
            "MASTER_ADDR=10.x.x.x",
            "MASTER_ADDR: missing",
            "MASTER_ADDR=$(hostname)",
            "--master_addr MASTER_ADDR --master_port PORT",
            "--master_addr is wrong",
            "master_addr=args.master_addr",
            "MASTER_ADDR is not set",
            "OLLAMA_HOST=0.0.0.0:11434",
            "OLLAMA_HOST=http://127.0.0.1:11434",
            "DB_HOST=postgres",
            "NODELIST=node[01-02]",
        ),
    ),
    Rule(
        id="host-of-an-address",
        kind="host",
        about="Machines of one's own network in addresses, and those of databases.",
        anchors=("://",),
        pattern=Late(
            r"://(?P<who>[^\s/@\"'`]{1,160}+@)?(?P<value>[A-Za-z0-9][A-Za-z0-9.-]{1,200}+)"
            r"(?![A-Za-z0-9_({$%@])"
        ),
        replace=_of_an_address,
        turns=(
            Turns(
                "postgres://<credentials>@db.internal.corp:5432/x",
                "postgres://<credentials>@<host>:5432/x",
            ),
            Turns("redis://cache1.acme.com:6379/0", "redis://<host>:6379/0"),
            Turns(
                "https://x:<gitlab-token>@gitlab.corp.acme.com/a.git",
                "https://x:<gitlab-token>@<host>/a.git",
            ),
            Turns("https://wiki.corp.acme.com/x", "https://<host>/x"),
            Turns("http://gpu-17.lan:8000/v1", "http://<host>:8000/v1"),
            Turns("ssh://git@git.acme.com/a/b", "ssh://git@<host>/a/b"),
        ),
        keeps=(
            "https://huggingface.co/Qwen/Qwen2.5-7B",
            "https://<credentials>@github.com/a/b.git",
            "ssh://git@github.com/a/b",
            "http://localhost:8000/v1",
            "http://host.docker.internal:11434",
            "http://vllm:8000/v1",
            "redis://127.0.0.1:6379",
            "redis://cache:6379/0",
            "https://raw.githubusercontent.com/a/b/main/x.py",
            "tcp://0.0.0.0:29500",
            "https://docs.vllm.ai/en/latest/serving/distributed_serving.html",
        ),
    ),
    Rule(
        id="internal-host",
        kind="host",
        about="Names that end as those of one's own network do: `gpu-17.cluster.acme.local`.",
        anchors=(".local", ".internal", ".corp", ".lan", ".intra", ".cluster.", ".hpc."),
        before=120,
        after=120,
        pattern=Late(
            r"(?<![A-Za-z0-9._/@\\$~-])(?P<value>(?:[A-Za-z0-9-]{1,40}+\.){1,6}[A-Za-z]{2,16}+)"
            r"(?![A-Za-z0-9_(\[=-]|\.[A-Za-z0-9_])"
        ),
        replace=group_where("<host>", _is_internal_anywhere),
        turns=(
            Turns("on gpu-17.cluster.acme-corp.local.", "on <host>."),
            Turns("Adas-MacBook-Pro.local is up", "<host> is up"),
            Turns("ip-10-0-1-2.ec2.internal:6379", "<host>:6379"),
            Turns("node07.hpc.uni-x.de died", "<host> died"),
            Turns("see gitlab.corp.acme.com", "see <host>"),
        ),
        keeps=(
            "google.protobuf.internal.decoder",
            "google.protobuf.internal",
            "threading.local()",
            "~/.local/lib/python3.10",
            "/usr/x-1.local/lib",
            "sklearn.cluster.k_means",
            "host.docker.internal:11434",
            "docker-compose.local.yml",
            "self.internal = 1",
        ),
    ),
    Rule(
        id="host-of-a-system-log",
        kind="host",
        about="The machine in the lines of the system's log.",
        anchors=_MONTHS,
        pattern=Late(
            r"[A-Z][a-z]{2} {1,2}\d{1,2} \d\d:\d\d:\d\d(?:\.\d{1,9})? "
            rf"(?P<value>{_HOST}) {_BEHIND}"
        ),
        replace=_of_a_log,
        turns=(
            Turns(
                "Nov 12 03:44:51 dgx-01 kernel: Out of memory",
                "Nov 12 03:44:51 <host> kernel: Out of memory",
            ),
            Turns("Mar  2 03:44:51 zeus ollama[12]: x", "Mar  2 03:44:51 <host> ollama[12]: x"),
        ),
        keeps=(
            "Nov 12 03:44:51 INFO trainer: loss 2.1",
            "Nov 12 03:44:51 localhost kernel: x",
            "Nov 12 03:44:51 ubuntu ollama[12]: x",
            "Nov 12 03:44:51 rank0 trainer: x",
            "Nov 12 03:44:51 UTC 2025",
        ),
    ),
    Rule(
        id="host-of-a-system-log-by-iso",
        kind="host",
        about="The machine in the lines of the system's log that begin with an ISO date.",
        anchors=(" kernel: ", " systemd["),
        before=120,
        after=12,
        pattern=Late(
            r"(?<!\d)\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d) "
            rf"(?P<value>{_HOST}) (?=kernel: |systemd\[)"
        ),
        replace=_of_a_log,
        turns=(
            Turns(
                "2025-11-12T03:44:51.123456+01:00 dgx-01 kernel: NVRM",
                "2025-11-12T03:44:51.123456+01:00 <host> kernel: NVRM",
            ),
        ),
        keeps=("2025-11-12T03:44:51Z localhost kernel: x", "the kernel: a new one"),
    ),
    Rule(
        id="host-of-slurm",
        kind="host",
        about="Machines in the messages of Slurm.",
        anchors=("srun: error: ", "slurmstepd-", " ON "),
        pattern=Late(
            rf"(?:srun: error: (?P<task>{_HOSTS})(?=: tasks? )|slurmstepd-(?P<step>{_HOST})(?=: )"
            rf"| ON (?P<job>{_HOST})(?= CANCELLED ))"
        ),
        replace=lambda match: group("<host>", str(match.lastgroup))(match),
        turns=(
            Turns("srun: error: gn012: task 0: Exited", "srun: error: <host>: task 0: Exited"),
            Turns("*** JOB 7 ON gn012 CANCELLED AT", "*** JOB 7 ON <host> CANCELLED AT"),
            Turns("slurmstepd-gn012: error: x", "slurmstepd-<host>: error: x"),
        ),
        keeps=("srun: error: Unable to create step", "JOIN b ON a CANCELLED", "slurmstepd: error"),
    ),
)
