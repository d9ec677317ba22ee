"""200 secrets, tokens, paths, hosts and names as logs, commands and variables show them."""

import random
import string
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

SEED: Final = 4
HOW_MANY: Final = 200

_ALNUM: Final = string.ascii_letters + string.digits


@dataclass(frozen=True, slots=True)
class Planted:
    """What must not leave (`secret`), the words that give it away, and a log that holds them."""

    kind: str
    secret: str
    said: str
    log: str


def planted() -> tuple[Planted, ...]:
    """Return them all, the kinds in turn, each time another one in another place."""
    chance = random.Random(SEED)
    kinds = list(_KINDS.items())
    found = []
    for place in range(HOW_MANY):
        kind, make = kinds[place % len(kinds)]
        secret, said = make(chance)
        log = chance.choice(_AROUND)(said)
        found.append(Planted(kind=kind, secret=secret, said=said, log=log))
    return tuple(found)


def _of(chance: random.Random, length: int, letters: str = _ALNUM) -> str:
    """Return letters and digits at random, with both among them."""
    made = [chance.choice(letters) for _ in range(length)]
    made[chance.randrange(1, length - 1)] = chance.choice(string.digits)
    return "".join(made)


def _put(secret_of: Callable[[random.Random], str], texts: tuple[str, ...]) -> "_Kind":
    """Return a kind that draws a secret, then the text that it stands in."""

    def make(chance: random.Random) -> tuple[str, str]:
        secret = secret_of(chance)
        return secret, chance.choice(texts).format(secret)

    return make


def _token(prefix: str, length: int, *texts: str, letters: str = _ALNUM) -> "_Kind":
    return _put(lambda chance: f"{prefix}{_of(chance, length, letters)}", texts)


def _name(*texts: str) -> "_Kind":
    """Return a kind that takes the account of a person, which is no word of a log by chance."""

    def account(chance: random.Random) -> str:
        return f"{chance.choice(_NAMES)}{chance.choice(('', '.', '_'))}{_of(chance, 4).lower()}"

    return _put(account, texts)


def _host(*texts: str) -> "_Kind":
    def host(chance: random.Random) -> str:
        return f"{chance.choice(('gpu', 'node', 'dgx'))}-{_of(chance, 5).lower()}"

    return _put(host, texts)


def _address(*texts: str) -> "_Kind":
    def address(chance: random.Random) -> str:
        return f"10.{chance.randint(16, 250)}.{chance.randint(1, 250)}.{chance.randint(1, 250)}"

    return _put(address, texts)


_Kind = Callable[[random.Random], tuple[str, str]]

_NAMES: Final = ("lovelace", "kowalevskaja", "noether", "hopper", "ramanujan", "wangxiaoming")
_HEX: Final = "0123456789abcdef"
_KINDS: Final[dict[str, _Kind]] = {
    "Hugging Face": _token(
        "hf_", 34, "OSError: Invalid token {}", "export HF_TOKEN={}", "login(token='{}')"
    ),
    "GitHub": _token("ghp_", 36, "fatal: could not read from https://{}@github.com/a/b.git"),
    "OpenAI": _token("sk-proj-", 48, "Incorrect API key provided: {}.", "OPENAI_API_KEY={}"),
    "Anthropic": _token("sk-ant-api03-", 60, "x-api-key: {}", '{{"api_key": "{}"}}'),
    "DeepSeek": _token("sk-", 32, "Error 401: Authentication Fails, key {}", letters=_HEX),
    "Amazon": _token("AKIA", 16, "aws_access_key_id = {}", letters="ABCDEFGHIJKLMNOPQRST234567"),
    "Google": _token("AIza", 35, "400 API key not valid: {}"),
    "GitLab": _token("glpat-", 20, "pip install --index-url https://x:{}@git.example.org/simple"),
    "Weights & Biases": _token("", 40, "WANDB_API_KEY={}", "wandb_api_key: '{}'", letters=_HEX),
    "bearer": _token(
        "", 40, "Authorization: Bearer {}", "headers={{'Authorization': 'Bearer {}'}}"
    ),
    "password": _token(
        "",
        14,
        *("password={}", "MYSQL_PASSWORD: {}", "curl -u me:{} http://x/", "a.py --password {}"),
        *("密码：{}", "a.py --db-pass {}", "  password: {}\n"),
    ),
    "address with a password": _token("", 12, "redis://cache:{}@10.2.3.4:6379/0 refused"),
    "web token": lambda chance: (
        secret := f"eyJ{_of(chance, 20)}.eyJ{_of(chance, 40)}.{_of(chance, 43)}",
        f"jwt {secret} has expired",
    ),
    "private key": lambda chance: (
        secret := _of(chance, 64),
        f"-----BEGIN OPENSSH PRIVATE KEY-----\n{secret}\n-----END OPENSSH PRIVATE KEY-----",
    ),
    "mail": lambda chance: (
        secret := f"{chance.choice(_NAMES)}{_of(chance, 3)}@example.org",
        f"Job failed, mail sent to {secret}",
    ),
    "home folder": _name(
        '  File "/home/{}/train.py", line 3, in main', "No such file: '/Users/{}/models/q.gguf'"
    ),
    "folder of a cluster": _name(
        "OSError: /data/users/{}/qwen/config.json",
        '  File "/nfs/homes/{}/train.py", line 3, in main',
        "HF_HOME=/mnt/nfs/users/{}/hf",
    ),
    "home folder on Windows": _name(
        r"OSError: [WinError 1114] C:\Users\{}\venv\torch\lib\c10.dll",
        r"FileNotFoundError: 'C:\\Users\\{}\\model.bin'",
    ),
    "account": _name("USER={}", "LOGNAME={}\nPATH=/usr/bin", "{}@box:~/llm$ python train.py"),
    "author": _name("Signed-off-by: {} <x@example.org>"),
    "host": _host(
        "HOSTNAME={}",
        "root@{}:/workspace# torchrun train.py",
        "The client socket has failed to connect to [{}]:29500 (errno: 110)",
        "ssh ada@{}",
        "  host      : {}.hpc.example.org",
        "MASTER_ADDR={}.cluster.local",
        "Nov 12 03:44:51 {} kernel: Out of memory: Killed process 1 (python)",
        "srun: error: {}: task 0: Exited with exit code 1",
        "postgres://app:hunter2@{}.internal.corp:5432/x refused",
    ),
    "network": _address(
        "MASTER_ADDR={}",
        "(RayWorkerWrapper pid=271, ip={}) NCCL error",
        "connect to {}:29500 failed",
    ),
    "network 6": lambda chance: (
        secret := f"fe80::{_of(chance, 3, _HEX)}:{_of(chance, 4, _HEX)}:fe23:4567",
        f"[W socket.cpp:663] The server socket cannot listen on [{secret}]:29500",
    ),
    "network card": lambda chance: (
        secret := ":".join(_of(chance, 3, _HEX)[:2] for _ in range(6)),
        f"    ether {secret}  txqueuelen 1000",
    ),
    "graphics card": lambda chance: (
        secret := "-".join(_of(chance, n, _HEX) for n in (8, 4, 4, 4, 12)),
        f"GPU 0: NVIDIA A100 (UUID: GPU-{secret})",
    ),
    "telephone": lambda chance: (
        secret := "1" + _of(chance, 10, string.digits),
        f"有问题请联系 手机:{secret}",
    ),
}
_AROUND: Final[tuple[Callable[[str], str], ...]] = (
    lambda text: text,
    lambda text: f"Loading checkpoint\n{text}\nRuntimeError: it failed\n",
    lambda text: f"2024-05-06 07:08:09,123 - ERROR - {text}",
    lambda text: f"[rank1]: {text}\n[rank1]: ValueError: no",
    lambda text: f"\x1b[31m{text}\x1b[0m",
    lambda text: f"x 50%|█████     | 1/2 [00:01<00:01]\r{text}",
)
