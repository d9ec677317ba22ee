"""A script that generates says how long answers may be.

Why: without max_new_tokens, transformers generates 20 tokens (pipelines 256 from 4.53 on): answers
end in the middle of a sentence, without an error. Only a generation_config.json that states a
length changes that, or config.json where there is none.

Fix: pass max_new_tokens=512, or what the answers need, to generate or to the pipeline's call.
"""

from collections.abc import Iterator
from typing import Final

from firstmile.check.installed import (
    installed,
    installed_release,
    package_of,
)
from firstmile.check.intent import Action, Argument, Intent
from firstmile.check.machine_worlds import computer, package
from firstmile.check.scripts.reading import NO_LENGTH
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import (
    Verdict,
    does_not_apply,
    failed,
    not_known,
    passed,
    seen,
    stated,
    warned,
)
from firstmile.check.worlds import LLAMA, folder, world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="incorrect/generation/incomplete",
    cause="configuration/inference",
    stage="inference",
    references=(
        "https://huggingface.co/docs/transformers/main/en/llm_tutorial",
        "https://github.com/huggingface/transformers/pull/38129",
    ),
)
_FILE: Final = "generation_config.json"
_OLDER: Final = "config.json"
"""States the length for models without the other file (GenerationConfig.from_model_config)."""
_LONGER: Final = (4, 53)
"""The first release whose pipelines have a default of their own, of 256 tokens."""
_WRITING: Final = ("text-generation", "text2text-generation")


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look for a length in the script, in the model's config and in the library's defaults."""
    if intent.engine != "transformers":
        return does_not_apply("no script is read that generates by transformers")
    bare = next((each for each in intent.arguments if each.name == NO_LENGTH), None)
    names = {each.name: each for each in intent.arguments}
    generates, pipe = names.get("generate"), names.get("pipeline")
    if generates is None and (pipe is None or pipe.value not in _WRITING):
        return does_not_apply("no call is read that writes text")
    if bare is None:
        return passed("The script says how long answers may be.")
    if snapshot.model is None:
        return not_known(f"the model's folder, whose {_FILE} may state a length")
    file = _FILE if snapshot.model.file(_FILE) is not None else _OLDER
    config = snapshot.model.document(file)
    if config is None:
        return not_known(f"what {file} states")
    for name in ("max_new_tokens", "max_length"):
        if config.get(name) is not None:
            return passed("The model states a length.", stated(file, name, config[name]))
    proof = [seen(bare.written), seen("no max_new_tokens, no max_length", file=file)]
    if generates is None:
        library = package_of(snapshot, "transformers")
        release = installed_release(snapshot, "transformers")
        if library is None or release is None:
            return not_known("the installed transformers")
        proof.append(installed(library))
        if release >= _LONGER:
            return passed("Pipelines of this transformers write up to 256 tokens.", *proof)
    say = failed if generates is not None else warned
    return say(
        "Answers end after some 20 tokens, in the middle of a sentence.",
        *proof,
        remedy="Pass max_new_tokens=512, or what the answers need.",
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""
    bare = Argument(written="no max_new_tokens in run.py", name=NO_LENGTH, value="")
    pipe = Argument(written="pipeline in line 2", name="pipeline", value="text-generation")
    call = Argument(written="generate in line 3", name="generate", value="")

    def of(
        outcome: Outcome, *said: Argument, version: str = "4.45.0", says: str = "", length: int = 0
    ) -> Example:
        made = folder(
            config=LLAMA, documents={_FILE: {"max_length": length} if length else {"top_p": 0.9}}
        )
        here = computer(package("transformers", version), package("torch", "2.4.0"))
        intent = Intent(engine="transformers", action=Action.GENERATE, arguments=said)
        return Example(outcome=outcome, snapshot=world(made, here), intent=intent, says=says)

    yield of(Outcome.WARN, bare, pipe, says="20 tokens")
    yield of(Outcome.FAIL, bare, call, version="4.57.1")
    yield of(Outcome.PASS, bare, pipe, version="4.53.0", says="256")
    yield of(Outcome.PASS, bare, call, length=4096)
    yield of(Outcome.PASS, call, says="says how long")
    older = world(folder(config={**LLAMA, "max_length": 2048}))
    asked = Intent(engine="transformers", action=Action.GENERATE, arguments=(bare, call))
    yield Example(outcome=Outcome.PASS, snapshot=older, intent=asked, says="states a length")
    embeds = Argument(written="pipeline in line 2", name="pipeline", value="feature-extraction")
    yield of(Outcome.SKIP, bare, embeds, says="does not apply")
    script = Intent(engine="transformers", arguments=(bare, call))
    yield Example(outcome=Outcome.SKIP, snapshot=world(), intent=script, says="not known")
