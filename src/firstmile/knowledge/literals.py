"""Literals: texts, one of which stands in every line that meets a pattern.

They are found in a whole text at once, which is quicker by far than to try a thousand patterns.
The idea is that of FilteredRE2 and of Google Code Search (Cox, "Regular Expression Matching with
a Trigram Index", 2012).
"""

from collections.abc import Iterable
from typing import Final

from firstmile.knowledge.folding import folded
from firstmile.knowledge.syntax import Chain, Choice, OneOf, Repeat, Text, Tree, WordEdge, tree_of

LONGEST_LITERAL: Final = 32
"""Characters of a literal that are looked for: more does not make it rarer."""
MOST_LITERALS: Final = 128
_COMMON: Final = folded(
    "info warning error traceback debug date time step epoch iter training loss: 0.00 0.0000"
    " learning_rate grad_norm tokens/s model gpu cuda memory rank batch eval train_loss 100%"
)
"""What lines of any log hold; to look for it is of little use where there is something else."""
_SHORTEST: Final = 2
"""Bytes of a literal that is worth looking for; shorter ones stand everywhere."""
_MOST_EXACT: Final = 64
_LONGEST_EXACT: Final = 512
_MOST_MEMBERS: Final = 8
_MOST_DEMANDS: Final = 4
_MOST_WAYS: Final = 16

Texts = frozenset[str]


def literals_of(pattern: str) -> tuple[str, ...] | None:
    """Return folded literals, one of which stands in every folded text that meets the pattern.

    None where the pattern asks for none, or for none that is worth looking for.
    """
    tree = tree_of(pattern)
    if tree is None:
        return None
    exact, needed = _known(tree)
    best = _usable(exact) if exact is not None else needed
    return None if best is None else tuple(sorted(best))


def demands_of(pattern: str) -> tuple[tuple[str, ...], ...]:
    """Return what a folded text must hold to meet the pattern: one of each of these, all of them.

    The rarest stand first. There are none where the pattern is not understood.
    """
    tree = tree_of(pattern)
    found = set() if tree is None else _demands(tree)
    return tuple(tuple(sorted(each)) for each in sorted(found, key=_order, reverse=True))


def _order(texts: Texts) -> tuple[tuple[int, int, int], list[str]]:
    return _rarity(texts), sorted(texts)


def _demands(tree: Tree) -> set[Texts]:
    exact, needed = _known(tree)
    if exact is not None:
        found = [_usable(exact)]
    elif isinstance(tree, Chain):
        return _demands_of_chain(tree)
    elif isinstance(tree, Choice):
        return _demands_of_choice(tree)
    elif isinstance(tree, Repeat) and tree.least > 0:
        return _demands(tree.part) | ({needed} if needed else set())
    else:
        found = [needed]
    return {each for each in found if each is not None}


def _demands_of_chain(tree: Chain) -> set[Texts]:
    found: set[Texts] = set()
    run: Texts = frozenset(("",))
    for part in tree.parts:
        exact, _ = _known(part)
        longer = None if exact is None else _joined(run, exact)
        if longer is not None:
            run = longer
            continue
        found |= {run}
        if exact is None:
            found |= _demands(part)
        run = frozenset(("",)) if exact is None else exact
    usable = (_usable(each) for each in found | {run})
    return {each for each in usable if each is not None}


def _demands_of_choice(tree: Choice) -> set[Texts]:
    """Return what is demanded whichever option it is: of each option one demand, in all ways."""
    together: set[Texts] = {frozenset()}
    for option in tree.options:
        own = sorted(_demands(option), key=_order, reverse=True)[:_MOST_DEMANDS]
        together = {one | other for one in together for other in own}
        if len(together) > _MOST_WAYS:
            together = set(sorted(together, key=_order, reverse=True)[:_MOST_WAYS])
    usable = (_usable(each) for each in together)
    return {each for each in usable if each is not None}


def _known(tree: Tree) -> tuple[Texts | None, Texts | None]:
    """Return the texts that a tree is met by, if they are few, and else what they all need."""
    match tree:
        case Text():
            return frozenset((folded(tree.value),)), None
        case WordEdge():
            return frozenset(("",)), None
        case OneOf():
            return _members(tree), None
        case Chain():
            return _of_chain(tree)
        case Choice():
            return _of_choice(tree)
        case Repeat():
            return _of_repeat(tree)


def _members(tree: OneOf) -> Texts | None:
    if tree.size > _MOST_MEMBERS:
        return None
    return frozenset(
        folded(chr(code)) for first, last in tree.ranges for code in range(first, last + 1)
    )


def _of_chain(tree: Chain) -> tuple[Texts | None, Texts | None]:
    run: Texts = frozenset(("",))
    best: Texts | None = None
    whole = True
    for part in tree.parts:
        exact, needed = _known(part)
        longer = None if exact is None else _joined(run, exact)
        if longer is not None:
            run = longer
            continue
        whole = False
        best = _better(best, _usable(run))
        best = _better(best, needed)
        run = frozenset(("",)) if exact is None else exact
    if whole:
        return run, None
    return None, _better(best, _usable(run))


def _joined(first: Texts, second: Texts) -> Texts | None:
    if len(first) * len(second) > _MOST_EXACT:
        return None
    longest = max(map(len, first), default=0) + max(map(len, second), default=0)
    if longest > _LONGEST_EXACT:
        return None
    return frozenset(one + other for one in first for other in second)


def _of_choice(tree: Choice) -> tuple[Texts | None, Texts | None]:
    known = [_known(option) for option in tree.options]
    exacts = [exact for exact, _ in known if exact is not None]
    if len(exacts) == len(known):
        together = frozenset().union(*exacts)
        if len(together) <= _MOST_EXACT:
            return together, None
    needs = [_usable(exact) if exact is not None else needed for exact, needed in known]
    found = [need for need in needs if need is not None]
    if len(found) < len(needs):
        return None, None
    return None, _usable(frozenset().union(*found))


def _of_repeat(tree: Repeat) -> tuple[Texts | None, Texts | None]:
    if tree.most == 0:
        return frozenset(("",)), None
    exact, needed = _known(tree.part)
    if tree.least == 0:
        if tree.most == 1 and exact is not None:
            return exact | {""}, None
        return None, None
    if exact is None:
        return None, needed
    counted = min(tree.least, LONGEST_LITERAL) if len(exact) == 1 else 1
    several: Texts = frozenset(("",))
    for _ in range(counted):
        longer = _joined(several, exact)
        if longer is None:
            return None, _usable(several)
        several = longer
    if tree.least == tree.most == counted:
        return several, None
    return None, _usable(several)


def _usable(texts: Texts) -> Texts | None:
    """Return the fewest literals that stand in all of these texts, or None where one is none."""
    cut = {_cut(text) for text in texts}
    if not cut or any(_weight(text) < _SHORTEST for text in cut):
        return None
    shortest: list[str] = []
    for text in sorted(cut, key=lambda text: (len(text), text)):
        if not any(other in text for other in shortest):
            shortest.append(text)
    return frozenset(shortest) if len(shortest) <= MOST_LITERALS else None


def _cut(text: str) -> str:
    return text.strip(" ")[:LONGEST_LITERAL] or text


def _weight(text: str) -> int:
    """Count what makes a text rare: bytes of UTF-8, spaces not."""
    return len(text.replace(" ", "").encode("utf-8", "surrogatepass"))


def _better(one: Texts | None, other: Texts | None) -> Texts | None:
    """Return those that are rarer: the shortest of them counts, then how many there are."""
    if one is None or other is None:
        return one if other is None else other
    return max(one, other, key=_rarity)


def _rarity(texts: Iterable[str]) -> tuple[int, int, int]:
    weights = [1 if text.strip() in _COMMON else _weight(text) for text in texts]
    return min(min(weights), 10), -len(weights), min(weights)
