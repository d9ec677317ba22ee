"""Every link of the folder leads to a file that can be read.

Why: a snapshot of the Hub's cache is a folder of links into its `blobs`. Copied without them
(`cp -P`, an archive, a mount of the snapshot alone in a container), or after a clean-up of the
cache, the names are all there and lead nowhere: "FileNotFoundError", or the download begins anew.
Files that the user of the process may not read look the same from a container of another user.

Fix: copy with `cp -rL`, mount the whole cache, or fetch the files again.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from firstmile.check.counting import counted
from firstmile.check.intent import Container, Intent
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, failed, not_known, passed, seen, warned
from firstmile.check.weight_files import some
from firstmile.check.words_to_copy import fetched_again, file_word
from firstmile.check.worlds import file, folder, world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="loading/model/validation-failed",
    cause="corruption/other-file",
    entries=("a-shard-named-in-the-index-is-missing",),
    references=("https://huggingface.co/docs/huggingface_hub/en/guides/manage-cache",),
)
_MATTER: Final = (
    ".safetensors",
    ".bin",
    ".json",
    ".gguf",
    ".model",
    ".txt",
    ".jinja",
    ".py",
    ".pth",
)


def judge(snapshot: Snapshot, intent: Intent) -> Verdict | Sequence[Verdict]:
    """Look at where the links lead, and at what could not be opened."""
    model = snapshot.model
    if model is None or not model.files:
        return not_known("the files of the model")
    kinds: dict[str, list[str]] = {}
    for one in model.files:
        if one.path.endswith(_MATTER):
            kinds.setdefault(one.kind, []).append(one.path)
    verdicts = []
    dangling, special = kinds.get("dangling", []), kinds.get("special", [])
    if dangling:
        verdicts.append(
            failed(
                f"{counted(len(dangling), 'link leads', 'links lead')} nowhere: {some(dangling)}.",
                *(seen("a link to nothing", file=path) for path in dangling[:3]),
                remedy="Copy the folder with cp -rL, mount the whole cache, or run hf download "
                "OWNER/NAME again.",
            )
        )
    if special:
        verdicts.append(
            failed(
                f"{counted(len(special), 'file is no plain file', 'files are no plain files')}: "
                f"{some(special)}.",
                *(
                    seen("a pipe, a socket, or a link to no file", file=path)
                    for path in special[:3]
                ),
                remedy=f"{fetched_again(special[0])}.",
            )
        )
    unreadable = kinds.get("unreadable", [])
    if unreadable:
        verdicts.append(
            failed(
                f"{counted(len(unreadable), 'file')} cannot be read: {some(unreadable)}.",
                *(seen("no right to read it", file=path) for path in unreadable[:3]),
                remedy=f"chmod a+r {file_word(unreadable[0])}, or fetch it again as this user.",
            )
        )
    outside = kinds.get("outside", [])
    if outside and intent.container is not None:
        verdicts.append(
            warned(
                f"{counted(len(outside), 'link leads', 'links lead')} out of the folder, and a "
                "container may not see there: "
                f"{some(outside)}.",
                *(seen("a link that leaves the folder", file=path) for path in outside[:3]),
                remedy="Mount the place that the links lead to as well, at the same path.",
            )
        )
    if verdicts:
        return verdicts
    linked = len(kinds.get("link", [])) + len(outside)
    return passed(
        f"{counted(linked, 'link leads to a file', 'links lead to files')}, and all others can "
        "be read."
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(*kinds: str) -> Snapshot:
        files = [file(f"model-{at}.safetensors", 9_000, kind=kind) for at, kind in enumerate(kinds)]
        return world(folder(files=files))

    yield Example(outcome=Outcome.PASS, snapshot=of("file", "link"), says="1 link leads")
    yield Example(
        outcome=Outcome.FAIL, snapshot=of("link", "dangling"), says="1 link leads nowhere"
    )
    yield Example(outcome=Outcome.FAIL, snapshot=of("special"), says="1 file is no plain file")
    yield Example(outcome=Outcome.FAIL, snapshot=of("unreadable"), says="cannot be read")
    yield Example(outcome=Outcome.PASS, snapshot=of("outside"))
    inside = Intent(container=Container(image="vllm/vllm-openai"))
    yield Example(outcome=Outcome.WARN, snapshot=of("outside"), intent=inside, says="container")
    note = world(folder(files=[file("README.md", kind="dangling")]))
    yield Example(outcome=Outcome.PASS, snapshot=note)
    yield Example(outcome=Outcome.SKIP, snapshot=world(), says="not known")
