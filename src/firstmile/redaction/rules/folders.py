"""Accounts in the paths of clusters and shared disks: `/scratch/jdoe1`, `/data/users/zhangsan`.

Most folders of a disk are no person's (`/data/models`), so a name in `/data` is taken out only
where it is plainly one: a Chinese name in full, or the owner of an own Python or of hidden folders.
"""

import re
from typing import Final

from firstmile.redaction.rule import Late, Rule, Turns, group, words
from firstmile.redaction.rules.people import is_somebody

_NAME: Final = r"(?P<value>[A-Za-z][A-Za-z0-9._-]{1,31}+)(?![A-Za-z0-9_])"
_PATH_BEFORE: Final = re.compile(r"[^\s\"'`<>|:,;()\[\]{}=]*\Z")
_LONGEST_BEFORE: Final = 160
_VERB: Final = re.compile(r"(?:GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS)[ \"']{1,3}\Z")
_PERSON: Final = re.compile(r"[a-z]{2,16}\d{0,4}|[a-z]{2,12}\.[a-z]{2,16}")

_ROOTS: Final = words(
    "afs beegfs ceph cephfs cluster data disk efs export fs fsx global gluster glusterfs gpfs",
    "hdd hpc lustre media mnt mount nas net nfs nvme pfs project projects pvc raid scratch",
    "share shared srv ssd storage store vol volume volumes work",
)
"""First folders of paths that lead to a shared disk; a number may follow."""

_NO_PERSON: Final = words(
    "ai aigc all alpaca anaconda apex app apps archive area awq baichuan bak base bench",
    "benchmark benchmarks bert bin bloom build cache caches ceph chat checkpoint checkpoints",
    "ckpt ckpts cloud cluster code coder codes common conda config configs corpus cuda current",
    "dataset datasets db dclm debug deepseek deepspeed dev disk dist docker download downloads",
    "dump dumps env envs eval evals exp experiment experiments export exps falcon files",
    "finetune gemma git glm global gpfs gpt gpu group groups hf hpc hub huggingface id image",
    "images infra internlm internvl job jobs kohya lab lib libs linux list llama llava llm llms",
    "local log login logout logs lora lustre mambaforge me megatron miniconda miniforge misc",
    "mistral mixtral ml mlflow mlx mm mnt model models moe mount my nemo new nlp node old",
    "ollama open opt out output outputs packages party phi pip pkg pkgs preprocessed pretrain",
    "pretrained profile proj project projects python pytorch qwen qwq raid raw ray register",
    "release repo repos research result results run runs sandbox scripts search secret self",
    "server serving settings sft sglang share slurm soft software softwares source spack src",
    "ssd stage staging storage store task tasks team teams temp test tests text third tmp token",
    "tokenizers tools train training transformers triton trl user users util utils vae venv",
    "venvs verl video vision vllm vol volume wandb weight weights whisper work workdir worker",
    "workspace yi zephyr",
)
"""Folders that are nobody's, as they stand or with a number behind them."""

_SURNAMES: Final = words(
    "bai cai cao chen cheng cui deng ding dong du duan fan fang feng fu gao gong gu guo han hao",
    "he hou hu huang jia jiang jin kong lai lei li lian liang liao lin liu long lu luo lv ma",
    "mao meng mo ni pan peng qian qiao qin qiu ren shao shen shi song su sun tan tang tao tian",
    "wan wang wei wen wu xia xiao xie xiong xu xue yan yang yao ye yi yin yu yuan zeng zhang",
    "zhao zheng zhong zhou zhu zou",
)
_SYLLABLE: Final = (
    r"(?:[bpmf](?:a|o|ai|ei|ao|ou|an|en|ang|eng|i|ie|iao|ian|in|ing|u)"
    r"|[dtnl](?:a|e|ai|ei|ao|ou|an|ang|eng|i|ie|iao|iu|ian|in|ing|iang|u|uo|ui|uan|un|ong|v|ve)"
    r"|[gkh](?:a|e|ai|ei|ao|ou|an|en|ang|eng|u|ua|uo|uai|ui|uan|un|uang|ong)"
    r"|[jqx](?:i|ia|ie|iao|iu|ian|in|iang|ing|iong|u|ue|uan|un)"
    r"|(?:[zcs]h?|r)(?:a|e|i|ai|ei|ao|ou|an|en|ang|eng|u|ua|uo|uai|ui|uan|un|uang|ong)"
    r"|y(?:a|e|ao|ou|an|i|in|ang|ing|u|ue|uan|un|ong)|w(?:a|o|ai|ei|an|en|ang|eng|u)|an|ai|ao|er|en)"
)
"""Hanyu Pinyin (ISO 7098): the syllables that names are written with."""

_CHINESE_NAME: Final = re.compile(
    rf"(?:{'|'.join(sorted(_SURNAMES))}){_SYLLABLE}{{1,2}}\d{{0,4}}", re.IGNORECASE
)
_SHORTEST_NAME: Final = 6
_NO_NAME: Final = words(
    "change changed chengxu fuwuqi gongju gongxiang gongzuo guangzhou hebing huawei huggingface",
    "hunyuan jiangsu jinrong lanzhou lianghua lining linshi longer longshort mangan mapping",
    "pangu qianduan qianwen renlian shandong shiyan shujuji songci suzhou tangshi tengxun",
    "tianchi tongyi wangluo wanxiang weitiao wenben wendang wenjian wenxin xiangmu xiaomi",
    "yuliao yunwei zhengli zhongwen",
)
"""Words of Chinese or English that can be read as a name."""

_OWN: Final = re.compile(
    r"/(?:(?:mini|ana)conda\d?|mini(?:forge|mamba)\d?|mambaforge|\.(?:cache|local|conda|pyenv|config"
    r"|ssh|vscode-server|triton|ollama))(?![A-Za-z0-9_])"
)
"""Folders of a home: a Python of one's own, and hidden ones."""


def is_nobodys(name: str) -> bool:
    """Whether a folder is none of a person, as far as its name tells."""
    stem = name.lower().rstrip("0123456789")
    return not stem or stem in _NO_PERSON or not is_somebody(name)


def _is_chinese_name(name: str) -> bool:
    return (
        len(name.rstrip("0123456789")) >= _SHORTEST_NAME
        and name.lower().rstrip("0123456789") not in _NO_NAME
        and _CHINESE_NAME.fullmatch(name) is not None
    )


def _before(match: re.Match[str]) -> tuple[str, str]:
    """Return the path up to a match, and what stands in front of that."""
    text = match.string[max(0, match.start() - _LONGEST_BEFORE) : match.start()]
    found = _PATH_BEFORE.search(text)
    start = len(text) if found is None else found.start()
    return text[start:], text[:start]


def _of_users(match: re.Match[str]) -> str:
    """Return a path without the account behind `users` or `homes`, if it leads to a disk."""
    path, front = _before(match)
    root = path.strip("/").partition("/")[0].rstrip("0123456789").lower()
    if path:
        is_folder = path.startswith("/") and not path.startswith("//") and root in _ROOTS
    else:
        goes_on = match.string[match.end() : match.end() + 1] == "/"
        is_folder = goes_on and not _VERB.search(front) and not front.endswith(("://", ">"))
    if not is_folder or is_nobodys(match["value"]):
        return match.group()
    return group("<user>")(match)


def _is_of_a_disk(match: re.Match[str]) -> bool:
    """Whether a folder is at the top of a disk or below one, not in a home or an address."""
    path, front = _before(match)
    if not path:
        return not front.endswith((">", ":/"))
    return path.startswith("/") and not path.startswith("//") and not front.endswith(">")


def _of_scratch(match: re.Match[str]) -> str:
    name = match["value"]
    if not _is_of_a_disk(match) or is_nobodys(name) or not _PERSON.fullmatch(name):
        return match.group()
    return group("<user>")(match)


def _of_a_disk(match: re.Match[str]) -> str:
    name = match["value"]
    if not _is_of_a_disk(match) or is_nobodys(name):
        return match.group()
    is_own = _PERSON.fullmatch(name) and _OWN.match(match.string, match.end())
    return group("<user>")(match) if is_own or _is_chinese_name(name) else match.group()


RULES: Final = (
    Rule(
        id="users-folder",
        kind="user",
        about="The account behind `users` or `homes` in the path of a shared disk.",
        anchors=("/users/", "/homes/"),
        pattern=Late(rf"/(?:users|homes)/{_NAME}"),
        replace=_of_users,
        turns=(
            Turns('"/data/users/zhangsan/qwen/train.py"', '"/data/users/<user>/qwen/train.py"'),
            Turns("/mnt/nfs/users/janedoe/proj", "/mnt/nfs/users/<user>/proj"),
            Turns("/nfs/homes/jdoe/x.py", "/nfs/homes/<user>/x.py"),
            Turns("/homes/jdoe/x.py", "/homes/<user>/x.py"),
        ),
        keeps=(
            "GET /users/ada/x HTTP/1.1",
            "https://x.org/users/ada/x",
            "/api/v1/users/ada",
            "POST /v1/users/12",
            "/data/users/models/qwen",
            "/data/users/$USER/x",
        ),
    ),
    Rule(
        id="scratch-folder",
        kind="user",
        about="The account that owns a folder of `/scratch`.",
        anchors=("/scratch",),
        pattern=Late(
            rf"/scratch\d{{0,2}}/(?:(?:users?|gpfs|local|nfs|work|lustre|home)/)?{_NAME}(?=/|\W|\Z)"
        ),
        replace=_of_scratch,
        turns=(
            Turns("/scratch/jdoe1/env/lib", "/scratch/<user>/env/lib"),
            Turns("/lustre/scratch/jane.doe/x", "/lustre/scratch/<user>/x"),
        ),
        keeps=(
            "/scratch/models/qwen2",
            "/scratch/llama3/x",
            "/scratch/project_465/x",
            "/scratch/tmp/x",
            "/home/<user>/temp/scratch/guix/x",
            "https://x.org/scratch/ada/x",
            "from scratch/train.py",
        ),
    ),
    Rule(
        id="disk-folder",
        kind="user",
        about="The account that owns a folder of a disk, where it is plainly a person's.",
        anchors=("/data", "/disk", "/ssd", "/nvme", "/hdd", "/raid", "/storage", "/work", "/mnt"),
        pattern=Late(
            r"/(?:data|disk|ssd|nvme|hdd|raid|storage|work(?:space)?|mnt)\d{0,2}/"
            r"(?:(?:data|disk|ssd|nvme|hdd|raid|storage|nfs|nas|share)\d{0,2}/)?"
            rf"{_NAME}(?=/|\W|\Z)"
        ),
        replace=_of_a_disk,
        turns=(
            Turns("HF_HOME=/data/zhangsan/hf", "HF_HOME=/data/<user>/hf"),
            Turns("/data1/wangxiaoming/qwen", "/data1/<user>/qwen"),
            Turns("/data/jdoe/miniconda3/bin/python", "/data/<user>/miniconda3/bin/python"),
            Turns("/mnt/ssd1/jdoe/.cache/hf", "/mnt/ssd1/<user>/.cache/hf"),
        ),
        keeps=(
            "/data/models/qwen",
            "/data/qwen2/weights",
            "/data/qianwen/x",
            "/data/jdoe/x",
            "/data/hf/.cache/x",
            "/data/llm/miniconda3/bin/python",
            "/data/llama.cpp/build",
            "/workspace/vllm/x",
            "/data/miniconda3/envs",
            "https://x.org/data/zhangsan/x",
            "/data/changelog",
        ),
    ),
)
