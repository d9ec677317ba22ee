"""How pages name the terms of the codebook."""

from firstmile.taxonomy import Axis, load_taxonomy
from firstmile.ui.web.codebook import codebook_data, labels_for_codes


def test_a_term_is_named_by_its_label_and_a_message_stays() -> None:
    taxonomy = load_taxonomy()
    label = taxonomy.term("crash/process-killed").label
    said = labels_for_codes("ended by SIGKILL (`exitcode: -9`) -> `crash/process-killed`", taxonomy)
    assert said == f"ended by SIGKILL (`exitcode: -9`) → {label}"
    assert labels_for_codes("`hang` or `tokenizer.model`", taxonomy) == (
        f"{taxonomy.term('hang').label} or `tokenizer.model`"
    )


def test_no_text_of_the_card_names_a_term_by_its_code() -> None:
    taxonomy = load_taxonomy()
    data = codebook_data(taxonomy, "")
    for axis in Axis:
        for term in data["axes"][axis.value]:
            rules = [rule["rule"] for rule in term["boundary"]]
            for text in (term["definition"], *term["includes"], *term["excludes"], *rules):
                assert not [code for code in taxonomy.by_code if f"`{code}`" in text], text
