"""Pickled checkpoints import nothing but what tensors are made of.

Why: a pickle is a program. Loading one with `weights_only=False` (the default before torch 2.6)
runs whatever it imports: `os.system`, `builtins.eval`, `subprocess.Popen`. Since torch 2.6 the
default refuses every import outside of a short list: "Weights only load failed ... Unsupported
global: GLOBAL argparse.Namespace was not an allowed global by default"; harmless ones as well.

Fix: take the repository's safetensors. A pickle that imports programs is not opened at all; one
that you wrote yourself is loaded once with `weights_only=False`, and its tensors are saved again.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from firstmile.check.counting import counted
from firstmile.check.intent import Intent
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import (
    Verdict,
    does_not_apply,
    failed,
    not_known,
    passed,
    seen,
    warned,
)
from firstmile.check.weight_files import some, weights_that_load
from firstmile.check.words_to_copy import file_word
from firstmile.check.worlds import LLAMA, file, folder, shard, world
from firstmile.facts.model_folder.folder import Pickle
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="loading/model/validation-failed",
    cause="corruption/checkpoint",
    entries=("torch-load-weights-only-refuses-the-file",),
    references=(
        "https://docs.pytorch.org/docs/stable/notes/serialization.html",
        "https://docs.python.org/3/library/pickle.html",
    ),
)
_ALLOWED: Final = re.compile(
    r"torch\.(?:cuda\.)?(?:sparse\.)?[A-Z]\w{1,40}(?:Storage|Tensor)"
    r"|torch\.(?:Size|Tensor|device|strided|bool|q?u?int\w{0,8}|b?float\w{1,16})"
    r"|torch\.(?:complex|bits|per_)\w{1,40}"
    r"|torch\._utils\._rebuild_\w{1,60}|torch\._tensor\._rebuild_from_type_v2"
    r"|torch\.storage\.(?:Typed|Untyped)Storage|torch\.serialization\._get_layout"
    r"|torch\.nn\.parameter\.Parameter|collections\.(?:OrderedDict|Counter)|_codecs\.encode"
    r"|(?:builtins|__builtin__)\.(?:set|bytearray|complex)"
)
"""What torch's own unpickler allows: what a state dict consists of.

Source: `_get_allowed_globals` in torch/_weights_only_unpickler.py, of torch 2.13.
"""
_PROGRAMS: Final = (
    *("os.", "posix.", "nt.", "subprocess.", "sys.", "shutil.", "socket.", "pty.", "runpy."),
    *("builtins.eval", "builtins.exec", "builtins.compile", "builtins.__import__", "ctypes."),
    *("builtins.open", "builtins.getattr", "__builtin__.eval", "__builtin__.exec", "webbrowser."),
    *("__builtin__.getattr", "__builtin__.__import__", "importlib.", "pickle.", "code.", "bdb."),
    *("urllib.", "requests.", "http.", "asyncio.", "multiprocessing.", "torch.hub.", "marshal."),
    *("operator.attrgetter", "operator.methodcaller", "pip.", "timeit.", "pdb.", "commands."),
)
"""Beginnings of imports that run programs, reach for files or networks, or hide what they do."""


def judge(snapshot: Snapshot, intent: Intent) -> Verdict | Sequence[Verdict]:
    """Hold what each pickle would import against what tensors need."""
    model = snapshot.model
    if model is None:
        return not_known("the model's folder")
    read = [one for one in model.pickles if one.imports or one.problem is None]
    if not model.pickles:
        why = model.why_not("pickles")
        return not_known(why) if why else does_not_apply("the folder has no pickles")
    taken = weights_that_load(model)
    loads = set(taken.paths) if taken is not None and taken.pickled else set()
    verdicts = []
    for each in read:
        more = [one for one in each.imports if not _ALLOWED.fullmatch(one)]
        programs = [one for one in more if one.startswith(_PROGRAMS)]
        if programs:
            verdicts.append(
                failed(
                    f"Loading {each.path} would import {some(programs)}: it may run programs.",
                    *(seen(f"imports {one}", file=each.path) for one in programs[:5]),
                    remedy=f"Do not load it; delete {file_word(each.path)} and take safetensors "
                    "instead.",
                )
            )
        elif more and each.path != "training_args.bin":
            say = failed if each.path in loads else warned
            verdicts.append(
                say(
                    f"Torch refuses to load {each.path} with weights alone: it imports "
                    f"{some(more)}.",
                    *(seen(f"imports {one}", file=each.path) for one in more[:5]),
                    remedy="Take safetensors, or load it once with weights_only=False if it is "
                    "your own, and save the tensors alone.",
                )
            )
    if verdicts:
        return verdicts
    if not read:
        return not_known("what the pickles would import")
    return passed(
        f"{counted(len(read), 'pickle imports', 'pickles import')} nothing but what tensors "
        "are made of."
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(path: str, *imports: str, beside: bool = False) -> Snapshot:
        pickle = Pickle(path=path, size_bytes=9_000, imports=imports)
        shards = [shard({"a": ("BF16", (4, 4))})] if beside else []
        files = [file(path, 9_000, looks="zip")]
        return world(folder(config=LLAMA, pickles=(pickle,), files=files, shards=shards))

    plain = ("collections.OrderedDict", "torch._utils._rebuild_tensor_v2", "torch.BFloat16Storage")
    name = "pytorch_model.bin"
    yield Example(outcome=Outcome.PASS, snapshot=of(name, *plain))
    yield Example(outcome=Outcome.FAIL, snapshot=of(name, *plain, "os.system"), says="os.system")
    evil = of("extra.pt", "builtins.eval", beside=True)
    yield Example(outcome=Outcome.FAIL, snapshot=evil, says="may run programs")
    names = of(name, *plain, "argparse.Namespace")
    yield Example(outcome=Outcome.FAIL, snapshot=names, says="refuses")
    aside = of("extra.pt", *plain, "argparse.Namespace", beside=True)
    yield Example(outcome=Outcome.WARN, snapshot=aside, says="refuses")
    arguments = of("training_args.bin", "transformers.training_args.TrainingArguments")
    yield Example(outcome=Outcome.PASS, snapshot=arguments)
    nested = of(name, "torch.storage._load_from_bytes")
    yield Example(outcome=Outcome.FAIL, snapshot=nested, says="refuses")
    yield Example(outcome=Outcome.SKIP, snapshot=world(folder(config=LLAMA)), says="no pickles")
