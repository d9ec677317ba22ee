"""Of 200 secrets put into logs, commands and variables none leaves, and none is kept."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from facts.machines import machine
from firstmile.diagnose.hypotheses import plain
from firstmile.diagnose.judging import diagnose_text
from firstmile.facts.collecting import collect_environment
from firstmile.facts.environment import Environment
from firstmile.facts.listing import listed
from firstmile.facts.saving import snapshot_text
from firstmile.facts.snapshot import Snapshot
from firstmile.run.ending import Ending
from firstmile.run.killing import Kill
from firstmile.run.outcome import Run
from firstmile.run.reporting import report_text
from firstmile.ui.diagnose_command import explain_text, stated
from firstmile.ui.facts_command import as_markdown, as_text
from firstmile.ui.latest import keep_latest, read_latest
from planted_secrets import HOW_MANY, Planted, planted

AT = datetime(2026, 1, 2, tzinfo=UTC)
PLANTED = planted()
PIECE = 12
"""Characters of a long secret which are too many to show."""
OOM = "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB."
TOKEN = "hf_" + "x1Y2z3W4" * 4 + "q9"


def shows(text: str, secret: str) -> bool:
    """Whether a text shows a secret, or a piece of a long one."""
    size = PIECE if len(secret) >= 2 * PIECE else len(secret)
    return any(secret[at : at + size] in text for at in range(len(secret) - size + 1))


def escaped(made: Callable[[Planted], str]) -> list[tuple[str, str]]:
    """Return the kinds and the texts of those that show in what was made of them."""
    return [(one.kind, one.said) for one in PLANTED if shows(made(one), one.secret)]


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    return collect_environment(machine(tmp_path_factory.mktemp("machine")), at=AT)


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the latest diagnosis is kept."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    return tmp_path / "firstmile" / "latest-diagnosis.json"


def ended(text: str, *command: str) -> Run:
    return Run(command=("python", *command), ending=Ending(status=1), seconds=1.0, text=text)


def diagnosed(text: str) -> None:
    keep_latest(stated() | plain(diagnose_text(text)))


def test_they_are_200_and_the_logs_show_them_all() -> None:
    assert len(PLANTED) == HOW_MANY == 200
    assert len({one.secret for one in PLANTED}) == HOW_MANY
    assert all(shows(one.said, one.secret) and one.said in one.log for one in PLANTED)


def test_none_is_in_the_bug_report_of_a_run_that_wrote_it(environment: Environment) -> None:
    assert escaped(lambda one: report_text(ended(one.log), environment)) == []


def test_none_is_in_the_bug_report_of_a_run_that_was_given_it(environment: Environment) -> None:
    def made(one: Planted) -> str:
        return report_text(ended("no\n", "--note", one.said.replace("'", "")), environment)

    assert escaped(made) == []


def test_none_is_in_what_the_kernel_the_watch_and_the_diagnosis_add(
    environment: Environment,
) -> None:
    def made(one: Planted) -> str:
        lines = tuple(one.said.split("\n"))
        killed = replace(
            ended("no\n"),
            kill=Kill(is_certain=True, sentences=("It was killed.",), lines=lines),
            quiet=(one.said,),
        )
        return report_text(killed, environment, diagnosis=one.said)

    assert escaped(made) == []


@pytest.mark.long
def test_none_is_kept_of_the_latest_diagnosis(kept: Path) -> None:
    cited = []

    def made(one: Planted) -> str:
        diagnosed(f"{one.log}\n{OOM} {one.said.splitlines()[0]}\n")
        cited.append(any(OOM in line["text"] for line in read_latest()["evidence"]))
        return kept.read_text(encoding="utf-8")

    assert escaped(made) == []
    assert sum(cited) > HOW_MANY / 2


@pytest.mark.long
@pytest.mark.usefixtures("kept")
def test_none_is_in_the_report_that_holds_its_own_diagnosis(environment: Environment) -> None:
    def made(one: Planted) -> str:
        text = f"{one.log}\n{OOM} {one.said.splitlines()[0]}\n"
        return report_text(ended(text), environment, diagnosis=explain_text(text).text)

    assert escaped(made) == []


@pytest.mark.long
def test_none_is_in_facts_of_a_machine_whose_variables_hold_it(tmp_path: Path) -> None:
    names = ("NCCL_DEBUG_FILE", "VLLM_NOTE", "LD_PRELOAD", "PYTHONPATH")

    def made(one: Planted) -> str:
        held = dict.fromkeys(names, one.said)
        facts = collect_environment(machine(tmp_path, variables=held), at=AT)
        assert {each.name for each in facts.variables} >= set(names)
        told = listed(facts)
        text = snapshot_text(Snapshot(environment=facts))
        return text + as_text(told, heading=str) + as_markdown(told)

    assert escaped(made) == []


@pytest.mark.parametrize("before", [470, 480])
def test_a_token_that_a_long_line_is_cut_in_does_not_show_its_beginning(
    before: int, environment: Environment
) -> None:
    line = f"{'x ' * (before // 2)}{TOKEN}"
    assert not shows(report_text(ended(line), environment), TOKEN)


def test_a_token_that_a_quote_is_cut_in_does_not_show_its_beginning(kept: Path) -> None:
    diagnosed(f"{OOM} {'x ' * 73}{TOKEN} end of it\n")
    assert "OutOfMemory" in kept.read_text(encoding="utf-8")
    assert not shows(kept.read_text(encoding="utf-8"), TOKEN)


def test_a_token_that_a_long_output_is_cut_in_does_not_show_its_end(
    environment: Environment,
) -> None:
    shown = []
    for more in range(150, 200, 5):
        lines = ["y" * 199] * 40 + [TOKEN] + ["z" * 199] * 143 + ["w" * more]
        shown.append(shows(report_text(ended("\n".join(lines)), environment), TOKEN))
    assert not any(shown)


def test_a_key_in_quotes_within_an_argument_does_not_show(environment: Environment) -> None:
    key = "0a1b2c3d" * 5
    given = ended("no\n", "-c", f"import wandb; wandb_api_key = '{key}'")
    assert not shows(report_text(given, environment), key)


def test_a_colored_prompt_of_a_shell_does_not_show_its_host(environment: Environment) -> None:
    prompt = "\x1b[31mroot@dgx-il60c:/workspace#\x1b[0m"
    for given in (ended(f"{prompt} python x.py\n"), replace(ended("no\n"), quiet=(prompt,))):
        assert not shows(report_text(given, environment, diagnosis=prompt), "dgx-il60c")
    assert not shows(report_text(ended("no\n", prompt), environment), "dgx-il60c")
