"""Certificate files, compilers and CUDA's folder that variables name are there.

Why: SSL_CERT_FILE or REQUESTS_CA_BUNDLE with a file that is gone stops every download ("Could not
find a suitable TLS CA certificate bundle, invalid path"), CUDA_HOME with a folder that was removed
stops builds of extensions, and CC with a compiler that is not there stops Triton.

Fix: unset the variable, or correct the path.
"""

from collections.abc import Iterator
from typing import Final

from msgspec.structs import replace

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
from firstmile.check.words_to_copy import text_word
from firstmile.check.worlds import machine, world
from firstmile.facts.environment import Variable
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="loading/model/validation-failed",
    cause="configuration/inference",
    entries=("certificate-of-the-proxy-is-not-trusted", "cuda-compiler-is-missing"),
    references=("https://requests.readthedocs.io/en/latest/user/advanced/#ssl-cert-verification",),
)
_CERTIFICATES: Final = ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "CURL_CA_BUNDLE")


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look at the variables of which it was seen whether their file is there."""
    if snapshot.environment is None:
        return not_known("the environment variables")
    named = [each for each in snapshot.environment.variables if each.exists is not None]
    if not named:
        return does_not_apply("no variable names a file that a run needs")
    gone = [each for each in named if each.exists is False]
    if not gone:
        return passed("The files that variables name are there.", seen(f"{named[0].name} is there"))
    gone.sort(key=lambda one: one.name not in _CERTIFICATES)
    first = gone[0]
    say = failed if first.name in _CERTIFICATES else warned
    return say(
        f"The variable {first.name} names what is not there.",
        *(seen(f"{each.name} = {each.value}: not there") for each in gone),
        remedy=f"unset {text_word(first.name)}, or set it to a path that exists.",
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(outcome: Outcome, **exists: bool | None) -> Example:
        variables = tuple(
            Variable(name=name, value="/opt/it", exists=there) for name, there in exists.items()
        )
        made = replace(machine(), variables=variables)
        return Example(outcome=outcome, snapshot=world(environment=made))

    yield of(Outcome.PASS, SSL_CERT_FILE=True, CUDA_HOME=True)
    yield of(Outcome.FAIL, CUDA_HOME=True, REQUESTS_CA_BUNDLE=False)
    yield of(Outcome.WARN, CUDA_HOME=False)
    yield of(Outcome.SKIP, LANG=None)
