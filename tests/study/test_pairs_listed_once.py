"""A pair of duplicates is listed once for what one kind of evidence says of it."""

from pathlib import Path

from firstmile.study.machine_screen import read_groups, screen_by_machine
from ui.web import studies


def test_copies_filed_in_other_repositories_make_each_pair_once(tmp_path: Path) -> None:
    folder = studies.make(tmp_path / "study", studies.REPORTS[2:5])
    for name in "abc":
        studies.add_issues(folder, studies.REPORTS[:1], repository=f"acme/{name}")
    screen_by_machine(folder)
    (group,) = read_groups(folder)
    pairs = [frozenset((join.first, join.second)) for join in group.joins]
    assert len(pairs) == len(set(pairs)) == 3
