"""First failure: which exceptions ended a run, and which lines were overcome or only followed.

A program that catches an error and goes on does not fail by it, and where one of several
processes dies the others end some minutes later with errors of their own. Both kinds of lines say
much and explain nothing, so they are set apart.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from firstmile.diagnose.raised import Process, Raised, process_of
from firstmile.diagnose.reading import Line
from firstmile.knowledge import Match
from firstmile.redaction.rule import Late

_LONGEST: Final = 2_000
_WORK: Final = Late(
    r"['\"]?\bloss['\"]?\s?[:=]\s?\d|\b(?:step|iter|iteration|epoch)s?[ :=]{1,3}\[?\d|"
    r"Loading checkpoint shards: +100%|\"train_runtime\"|'train_runtime'|"
    r"\d%\|[^|]{1,200}\| *[1-9]\d*/\d+|\" 200\b|\b200 OK\b|"
    r"throughput: 0*[1-9]|Application startup complete|\btokens? per second\b"
)
"""What a run prints that does its work."""
_WORK_WORDS: Final = (
    *("loss", "step", "iter", "epoch", "shards", "train_runtime", "%|", "200", "throughput"),
    *("startup complete", "per second"),
)
"""One of these stands in every text that `_WORK` finds."""
_INLINE: Final = Late(r"\b\w*(?:Error|Exception): ")
_KILLED: Final = Late(
    r"^(?:\S{1,80}: line \d+: +\d+ )?(?:Killed|Segmentation fault|Bus error|Aborted|"
    r"Illegal instruction)\b|Out of memory: Killed process|\bkilled by (?:SIG|signal )"
)
"""How a shell or the kernel tells of a process that could not tell itself."""
_KILLED_WORDS: Final = ("illed", "egmentation", "us error", "borted", "llegal")
"""One of these stands in every text that `_KILLED` finds."""
_NEVER_FIRST: Final = frozenset(
    (
        *("DistBackendError", "DistNetworkError", "DistStoreError", "ChildFailedError"),
        *("SignalException", "KeyboardInterrupt", "SystemExit", "CancelledError"),
        *("BrokenPipeError", "ConnectionResetError", "EngineDeadError", "MQEngineDeadError"),
        *("RayActorError", "ActorDiedError", "WorkerCrashedError", "ActorUnavailableError"),
        *("CalledProcessError", "ProcessExitedException"),
    )
)
"""Exceptions by which a process tells of the end of another one, or is told to end."""
_OF_OTHERS: Final = Late(
    r"(?i)\bnccl|\bgloo\b|ProcessGroup|broken pipe|connection (?:was )?(?:closed|reset)|"
    r"engine (?:core|process)|worker proc|died unexpectedly|background process"
)
_CASCADE: Final = Late(
    r"ProcessGroup(?:NCCL|Gloo)|c10::DistBackendError|Fatal Python error: Aborted|"
    r"torch[./]distributed[./]elastic|^srun: error|^Root Cause \(first observed failure\)|"
    r"^\s*(?:time|host|rank|exitcode|error_file|traceback) +: |\[c10d\]|got signal: 15\b|"
    r"sigkill_handler\]|exits with return code = \d|terminate called without an active exception"
)
_COLLECTIVE: Final = Late(r"ProcessGroup(?:NCCL|Gloo)|collective operation|gloo/transport")
_SYMPTOMS: Final = {
    "AttributeError": "crash/value/attribute-error",
    "TypeError": "crash/value/type-error",
    "ValueError": "crash/value/value-error",
    "AssertionError": "crash/assertion",
    **dict.fromkeys(
        (
            *("KeyError", "IndexError", "FileNotFoundError", "JSONDecodeError", "NameError"),
            *("ZeroDivisionError", "UnicodeDecodeError", "UnboundLocalError", "OSError"),
        ),
        "crash/value/other",
    ),
}
"""The symptom of an exception in the midst of a run, as the codebook tells them apart."""
_ROOT_CAUSE: Final = "Root Cause (first observed failure)"
_ROOT_RANK: Final = Late(r"\s*rank\s*: (\d{1,5})\b")
_ROOT_LINES: Final = 6
_HEADLINES: Final = 2
_RANK_OF_FILE: Final = Late(r"rank[_-]?(\d{1,5})\b|(?:^|/)(\d{1,5})/std(?:err|out)")
_QUOTED: Final = Late(r"['\"`]([\w.-]{3,60})['\"`]")
_IGNORED: Final = "Exception ignored in"


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstFailure:
    """What ended a run, by the places of lines.

    `named` are the lines that name its exceptions. `overcome` are those of errors after which
    the same process went on with its work, `following` those by which other processes tell of
    its end; the latter are only known where its own exception stands in the text. Work that was
    done before says nothing on why it failed, and is among either. `symptom` is the code of what
    failed, where others waited for it in a collective: its model was loaded then.
    """

    named: tuple[int, ...] = ()
    overcome: frozenset[int] = frozenset()
    following: frozenset[int] = frozenset()
    symptom: str | None = None


@dataclass(frozen=True, slots=True)
class _Chain:
    """Exceptions each of which was raised from the one before; the first is the cause."""

    parts: tuple[Raised, ...]

    @property
    def first(self) -> int:
        return self.parts[0].first

    @property
    def last(self) -> int:
        return self.parts[-1].last


class _Text:
    """The lines of a text by their processes, and what was raised in each."""

    def __init__(self, lines: Sequence[Line], raised: Sequence[Raised]) -> None:
        self._lines = lines
        self.processes: dict[Process, list[int]] = {}
        for place, line in enumerate(lines):
            self.processes.setdefault(process_of(line), []).append(place)
        self.chains = [chain for chain in _chains(raised) if not self._is_ignored(chain)]
        self.chains_of: dict[Process, list[_Chain]] = {}
        for chain in self.chains:
            self.chains_of.setdefault(self.process(chain), []).append(chain)
        self.failing = {place for chain in self.chains for place in self.block(chain)}

    def said(self, place: int) -> str:
        return self._lines[place].text[:_LONGEST]

    def body(self, place: int) -> str:
        return self._lines[place].body[:_LONGEST]

    def process(self, chain: _Chain) -> Process:
        return process_of(self._lines[chain.first])

    def block(self, chain: _Chain) -> Sequence[int]:
        """Return the lines of a chain's tracebacks, without those of other processes."""
        places = self.processes[self.process(chain)]
        return places[bisect_left(places, chain.first) : bisect_right(places, chain.last)]

    def _is_ignored(self, chain: _Chain) -> bool:
        """Say whether Python itself went on, as it does where an object is taken away."""
        near = self._lines[max(chain.first - 1, 0) : chain.first + 1]
        return any(line.body.startswith(_IGNORED) for line in near)


def _chains(raised: Sequence[Raised]) -> list[_Chain]:
    found: dict[int, list[Raised]] = {}
    root_of: dict[int, int] = {}
    for place, each in enumerate(raised):
        root = place if each.follows is None else root_of[each.follows]
        root_of[place] = root
        found.setdefault(root, []).append(each)
    return [_Chain(tuple(parts)) for parts in found.values()]


def is_work(text: str) -> bool:
    """Say whether a line is one that a run prints which does its work."""
    text = text[:_LONGEST]
    folded = text.casefold()
    return (
        any(word in folded for word in _WORK_WORDS)
        and _WORK.search(text) is not None
        and _INLINE.search(text) is None
    )


def find_overcome(lines: Sequence[Line], raised: Sequence[Raised]) -> FirstFailure:
    """Return what the processes of a text fail by at last, and what each went on after.

    An error that the last one speaks of is not overcome: a package that could not be imported is
    missed later.
    """
    if not raised and not any(map(_tells_of_a_kill, lines)):
        return FirstFailure()
    text = _Text(lines, raised)
    own = [chain for chain in text.chains if not _tells_of_others(chain.parts[0])]
    firsts = {chain.first for chain in own}
    overcome: set[int] = set()
    for process in text.processes:
        overcome.update(_overcome_by(process, text, firsts))
    left = [chain for chain in own if chain.first not in overcome]
    return FirstFailure(named=_named(left), overcome=frozenset(overcome))


def _overcome_by(process: Process, text: _Text, firsts: Collection[int]) -> set[int]:
    """Return the lines of errors before the last work of a process, if it fails after it.

    `firsts` are where exceptions begin that do not tell of others. Its work is among the lines;
    an error that is spoken of in the end is not.
    """
    places = text.processes[process]
    failing = text.failing
    work = [place for place in places if place not in failing and is_work(text.said(place))]
    after = places[bisect_right(places, work[-1]) :] if work else ()
    end = next(
        (place for place in after if place in firsts or _KILLED.search(text.body(place))), None
    )
    if end is None:
        return set()
    said = "\n".join(text.said(place) for place in places[bisect_left(places, end) :])
    found: set[int] = set()
    for chain in text.chains_of.get(process, ()):
        messages = [part.message.partition("\n")[0] for part in chain.parts]
        if chain.last < work[-1] and not _speaks_of(said, "\n".join(messages)):
            found.update(text.block(chain))
    for place in places[: bisect_left(places, work[-1])]:
        if _INLINE.search(text.said(place)) and not _speaks_of(said, text.said(place)):
            found.add(place)
    return found.union(work) if found else found


def _tells_of_a_kill(line: Line) -> bool:
    body = line.body[:_LONGEST]
    return any(word in body for word in _KILLED_WORDS) and _KILLED.search(body) is not None


def _speaks_of(said: str, message: str) -> bool:
    return any(name in said for name in _QUOTED.findall(message))


def find_following(
    lines: Sequence[Line],
    raised: Sequence[Raised],
    matches: Sequence[Match],
    overcome: FirstFailure,
) -> FirstFailure:
    """Return the failure that stands in a text beside what follows from it, if it does.

    That is so where all that is known are consequences, and a process shows an exception of its
    own before them, or another one than those they are told by; also where nothing is known and
    launchers or other processes tell of an end after it. Where the launcher names the rank that
    failed first, that one's exception is it.
    """
    told = [match for match in matches if match.decides]
    if not raised or not all(match.is_consequence for match in told):
        return overcome
    known = {line for match in told for hit in match.telling for line in hit.lines}
    text = _Text(lines, raised)
    chains = [chain for chain in text.chains if chain.first not in overcome.overcome]
    others = {
        chain.first: chain
        for chain in chains
        if _tells_of_others(chain.parts[0]) or any(part.last in known for part in chain.parts)
    }
    of_launchers = {
        place for place, line in enumerate(lines) if _CASCADE.search(line.text[:_LONGEST])
    }
    seen = known or of_launchers.union(*map(text.block, others.values()))
    told_by = {process_of(lines[place]) for place in known}
    own = [
        chain
        for chain in chains
        if chain.first not in others
        and (_is_before(chain, seen, known) or _is_apart(text.process(chain), told_by))
    ]
    if not own or not seen:
        return overcome
    root = _root_rank(lines)
    first = [chain for chain in own if root is not None and _rank(*text.process(chain)) == root][:1]
    left = {chain.first: chain for chain in first or own}
    kept = {place for chain in left.values() for place in text.block(chain)}
    following = known | of_launchers
    following.update(*(text.block(chain) for chain in chains if chain.first not in left))
    following.update(place for place, line in enumerate(lines) if is_work(line.text))
    cause = next(iter(left.values()))
    waited = any(_COLLECTIVE.search(lines[place].text[:_LONGEST]) for place in seen)
    return FirstFailure(
        named=_named([cause]),
        overcome=overcome.overcome,
        following=frozenset(following - kept),
        symptom=_SYMPTOMS.get(cause.parts[0].name) if waited else None,
    )


def _is_before(chain: _Chain, seen: Collection[int], known: Collection[int]) -> bool:
    """Say whether an exception stands before all that is known to follow, or before some of it.

    The latter is enough where no entry tells what follows: launchers write at the start, too.
    What stands right above a traceback is its headline: "EngineCore failed to start."
    """
    if not known:
        return chain.last < max(seen, default=-1)
    headlines = range(chain.first - _HEADLINES, chain.first)
    return all(chain.first < place or place in headlines for place in known)


def _named(chains: Sequence[_Chain]) -> tuple[int, ...]:
    return tuple(sorted({part.last for chain in chains for part in chain.parts}))


def _tells_of_others(one: Raised) -> bool:
    return one.name in _NEVER_FIRST or _OF_OTHERS.search(one.message[:_LONGEST]) is not None


def _is_apart(process: Process, others: Collection[Process]) -> bool:
    """Say whether a process is another one than each of some, if there are any."""
    file, rank = process
    same = (file, rank) in others or (rank is None and any(other[0] == file for other in others))
    return bool(others) and not same


def _rank(file: str | None, rank: int | None) -> int | None:
    if rank is None and file is not None and (found := _RANK_OF_FILE.search(file)):
        return int(found[1] or found[2])
    return rank


def _root_rank(lines: Sequence[Line]) -> int | None:
    """Return the rank that torchrun saw fail first; None where it says nothing of it."""
    for place, line in enumerate(lines):
        if line.text.startswith(_ROOT_CAUSE) or line.body.startswith(_ROOT_CAUSE):
            for after in lines[place + 1 : place + 1 + _ROOT_LINES]:
                if found := _ROOT_RANK.match(after.body):
                    return int(found[1])
    return None
