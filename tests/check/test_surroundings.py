"""What of a machine is said though no check fails: that it has no GPU, and not the engine."""

from msgspec.structs import replace

from firstmile.check.intent import Action, Container, Intent, NamedFile
from firstmile.check.machine_worlds import computer, package
from firstmile.check.surroundings import surroundings
from firstmile.check.worlds import gpu, machine, world
from firstmile.facts.environment import Environment

VLLM = Intent(engine="vllm")


def _said(environment: Environment, intent: Intent = VLLM) -> str:
    return " ".join(surroundings(world(environment=environment), intent))


def test_a_machine_without_gpu_and_engine_says_both() -> None:
    said = _said(machine(packages={"numpy": "2.0.0"}))
    assert "No GPU was found on the machine" in said
    assert "The Python that was read (/usr) has neither vllm nor torch:" in said
    assert "--python PATH" in said


def test_the_python_of_another_machine_is_named_where_its_snapshot_is_written() -> None:
    bare = world(environment=machine(packages={"numpy": "2.0.0"}))
    for intent in (VLLM, Intent()):
        said = " ".join(surroundings(bare, intent, is_here=False))
        assert "firstmile facts --python PATH takes down" in said


def test_a_machine_that_has_both_says_nothing() -> None:
    assert _said(machine(gpus=[gpu()], packages={"torch": "2.8.0", "vllm": "0.11.0"})) == ""


def test_gpus_that_could_not_be_asked_for_are_not_said_to_be_missing() -> None:
    unknown = machine(packages={"torch": "2.8.0"}, not_known={"gpus": "nvidia-smi failed"})
    assert "GPU" not in _said(unknown)


def test_an_engine_on_the_path_belongs_to_another_python() -> None:
    said = _said(computer(package("numpy", "2.0.0"), programs=("vllm",)))
    assert "the vllm on the PATH belongs to another" in said


def test_without_an_engine_or_with_one_that_is_no_package_nothing_is_said() -> None:
    bare = machine(gpus=[gpu()], packages={"numpy": "2.0.0"})
    assert _said(bare, Intent(action=Action.LOAD)) == ""
    assert _said(bare, Intent(engine="llama.cpp")) == ""


def test_a_program_that_is_no_package_is_told_that_there_is_no_gpu() -> None:
    bare = machine(packages={"numpy": "2.0.0"})
    for engine in ("llama.cpp", "ollama"):
        said = _said(bare, Intent(engine=engine))
        assert said == "No GPU was found on the machine: the run was judged on its processor."


def test_a_machine_alone_is_told_in_one_line_what_it_has_not() -> None:
    bare = machine(packages={"numpy": "2.0.0"})
    said = list(surroundings(world(environment=bare), Intent()))
    assert len(said) == 1
    assert said[0].startswith("No GPU was found on the machine; the Python that was read (/usr)")
    able = machine(gpus=[gpu()], packages={"torch": "2.8.0"})
    assert _said(able, Intent()) == ""


def test_packages_that_are_not_known_are_not_said_to_be_missing() -> None:
    inside = replace(machine(gpus=[gpu()]), python=None)
    assert _said(inside) == ""


def test_a_script_that_is_not_here_is_told_of_a_machine_that_is_elsewhere() -> None:
    intent = Intent(script="x.py", chat_template="t.jinja")
    said = list(surroundings(world(), intent, is_here=False))
    assert [each.partition(" ")[0] for each in said] == ["x.py", "t.jinja"]
    read = replace(intent, files=(NamedFile(path="x.py", is_there=True),), chat_template="{{ x }}")
    assert list(surroundings(world(), read, is_here=False)) == []
    for other in ("$HOME/x.py", "~/x.py", "module.name"):
        named = Intent(script=other, engine="vllm")
        assert list(surroundings(world(), named, is_here=False)) == []
    assert list(surroundings(world(), replace(intent, container=Container()), is_here=False)) == []
    assert list(surroundings(world(), intent)) == []
