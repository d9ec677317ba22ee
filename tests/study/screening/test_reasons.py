from firstmile.study.screening.reasons import NO_KEYWORD, REASONS, STEPS, find_reason, reasons_for


def test_ids_differ_and_each_reason_is_defined_against_its_neighbors() -> None:
    assert len({reason.id for reason in REASONS}) == len(REASONS)
    for reason in REASONS:
        assert reason.definition.endswith(".")
        assert reason.boundary.endswith(".")
        assert set(reason.steps) <= set(STEPS)


def test_raters_are_offered_no_reason_of_the_machine() -> None:
    for step in ("description", "thread"):
        assert not any(reason.by_machine for reason in reasons_for(step))
    assert [reason.id for reason in reasons_for("keywords")] == [NO_KEYWORD]


def test_an_unknown_id_has_no_reason() -> None:
    assert find_reason("nonsense") is None
    assert find_reason("duplicate") is not None
