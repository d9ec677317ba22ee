"""The smallest change where llama.cpp or Ollama leave layers to the processor."""

import pytest
from bench.smallest_changes import CONFIGS, MACHINES

from firstmile.check.changing import Change, NothingWorks, smallest_change
from firstmile.check.changing.flags import Edit, edited
from firstmile.check.command import Command, read_command, words_of
from firstmile.check.memory import Fit, Sizing, estimate
from firstmile.check.memory.left_over import left_over
from firstmile.check.worlds import folder, machine, world
from firstmile.facts.snapshot import Snapshot


def llama(place: str, layers: int = 32) -> Snapshot:
    """Return a model of 131,072 positions on a machine."""
    config = {
        **CONFIGS["Llama 3 8B"],
        "max_position_embeddings": 131_072,
        "num_hidden_layers": layers,
    }
    return world(folder(config=config), machine(gpus=MACHINES[place], memory_gib=256))


def typed(text: str, **files: str) -> Command:
    """Return a command with files that it names."""
    return Command(words=tuple(words_of(text)), read_text=files.get)


def sized(snapshot: Snapshot, command: Command) -> Sizing:
    """Return the memory of a command."""
    intent = read_command(command)
    assert intent is not None
    found = estimate(snapshot, intent)
    assert isinstance(found, Sizing)
    return found


@pytest.mark.parametrize(
    ("text", "starts"),
    [
        ("llama-server -m ./m", "llama-server -m ./m --ctx-size "),
        ("llama-server -m ./m -c 131072", "llama-server -m ./m -c "),
        (
            "OLLAMA_CONTEXT_LENGTH=131072 OLLAMA_NUM_PARALLEL=1 ollama serve ./m",
            "OLLAMA_CONTEXT_LENGTH=",
        ),
    ],
)
def test_a_shorter_context_leaves_none_and_fits_when_it_is_read_again(
    text: str, starts: str
) -> None:
    snapshot = llama("one RTX 4090")
    assert left_over(sized(snapshot, typed(text)))
    found = smallest_change(snapshot, typed(text))
    assert isinstance(found, Change)
    assert found.because.endswith("of weights are left to main memory.")
    assert found.command.startswith(starts)
    again = sized(snapshot, typed(found.command))
    assert again.fit is Fit.FITS
    assert not left_over(again)
    assert len(found.edits) == 1


def test_the_longest_context_that_leaves_nothing_is_named_beforehand() -> None:
    snapshot = llama("one RTX 4090")
    before = sized(snapshot, typed("llama-server -m ./m -c 131072"))
    assert before.longest is None
    longest = before.longest_whole
    assert longest is not None
    assert longest > 0
    after = sized(snapshot, typed(f"llama-server -m ./m -c {longest}"))
    assert after.fit is Fit.FITS
    assert after.longest_whole is None


def test_of_a_modelfile_it_is_said_what_to_set_there() -> None:
    modelfile = "FROM ./m\nPARAMETER num_ctx 131072\n"
    found = smallest_change(llama("one RTX 4090"), typed("ollama create x", Modelfile=modelfile))
    assert isinstance(found, NothingWorks)
    assert found.steps
    assert found.hardware.startswith("Set in the Modelfile: PARAMETER num_ctx ")


def test_a_client_of_ollama_is_told_what_its_server_wants() -> None:
    command = typed("OLLAMA_CONTEXT_LENGTH=131072 ollama run m")
    found = smallest_change(llama("one RTX 4090"), command)
    assert isinstance(found, NothingWorks)
    assert found.hardware.startswith("Set where Ollama's server is started: OLLAMA_CONTEXT_LENGTH=")


def test_variables_of_ollama_are_set_before_its_server_alone() -> None:
    edit = Edit(flag="OLLAMA_CONTEXT_LENGTH", value="8192")
    assert edited(("ollama", "serve"), [edit], "ollama")[:1] == ("OLLAMA_CONTEXT_LENGTH=8192",)
    words = ("env", "OLLAMA_CONTEXT_LENGTH=9", "ollama", "serve")
    assert edited(words, [edit], "ollama") == (
        *("env", "OLLAMA_CONTEXT_LENGTH=8192", "ollama", "serve"),
    )
    assert edited(("ollama", "run", "x"), [edit], "ollama") == ("ollama", "run", "x")


def test_a_model_that_no_context_makes_fit_is_left_to_the_engine() -> None:
    assert smallest_change(llama("one T4", 80), typed("llama-server -m ./m -c 8192")) is None


def test_layers_stay_on_the_device_rather_than_a_context_that_nobody_asked_for() -> None:
    found = smallest_change(llama("one T4", 80), typed("llama-server -m ./m -ngl 99"))
    assert isinstance(found, Change)
    intent = read_command(typed(found.command))
    assert intent is not None
    assert (intent.gpu_layers or 0) > 10
    assert 8192 <= (intent.context or 0) < 131_072


def test_a_context_that_nobody_asked_for_may_be_shorter_still() -> None:
    found = smallest_change(llama("one RTX 4090"), typed("llama-server -m ./m"))
    assert isinstance(found, Change)
    assert found.steps[0].endswith(" tokens, or of as many as prompts and answers need")
