"""Ids that a remedy puts into eos_token_id are such that the model can write."""

from firstmile.check.checks import end_of_turn_does_not_stop_the_answer as check
from firstmile.check.end_ids import with_end
from firstmile.check.intent import Intent
from firstmile.check.verdicts import Verdict
from firstmile.check.worlds import LLAMA, folder


def test_ids_outside_the_vocabulary_are_not_suggested() -> None:
    model = folder(config={**LLAMA, "vocab_size": 384})
    assert with_end([9999, 7, -1, 302], 302, model) == [7, 302]
    assert with_end([9999], 302, folder(config={**LLAMA, "vocab_size": None})) == [9999, 302]


def test_a_remedy_names_no_id_that_another_check_refuses() -> None:
    for example in check.examples():
        found = check.judge(example.snapshot, Intent())
        assert isinstance(found, Verdict)
        assert "151643, 151645" not in (found.remedy or "")
