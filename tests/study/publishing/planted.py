"""A study whose words are all to be recognized wherever they come out."""

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from firstmile.study.decisions import Decisions
from firstmile.study.folder import StudyFolder
from firstmile.study.publishing import gather, published_files
from publishing.samples import QUICK

PLANTED = {
    "title": "Out of memory error with the wombat adapter",
    "body": "My marmot server says: error 1234567890 in the walrus kernel",
    "comment": "Thanks, the ocelot flag fixed it",
    "quote": "error 1234567890 in the walrus kernel",
    "note": "annegret saw a similar capybara report",
    "reason": "bartholomew confused the pangolin with the platypus",
    "address": "jane.doe@mail.example",
    "login": "pseudonym-of-an-author",
    "association": "CONTRIBUTOR",
    "endpoint": "http://gpu-box.internal:8000/v1",
    "variable": "SECRET_KEY_OF_THE_LAB",
    "path": "/home/annegret/exports",
    "time": "09:08:07",
}
"""What must not come out."""

ANIMALS = (
    "wombat",
    "marmot",
    "walrus",
    "1234567890",
    "ocelot",
    "capybara",
    "pangolin",
    "platypus",
    "wolverine",
    "jane.doe",
)
"""Words of the planted sentences that are nowhere else, so that a part of one is seen too."""

OPTIONS = """
[[raters]]
name = "helper"
kind = "model"
endpoint = "http://gpu-box.internal:8000/v1"
model = "some-model"
key_variable = "SECRET_KEY_OF_THE_LAB"
"""


def gathered(study: StudyFolder, decisions: Decisions, **options: Any) -> Mapping[str, bytes]:
    """Return the files that a study is published as."""
    found = gather(study, decisions, published=date(2026, 4, 1), settings=QUICK, **options)
    return published_files(found)


def records(files: Mapping[str, bytes], name: str) -> list[dict[str, Any]]:
    """Return the records of one of the published files."""
    return [json.loads(line) for line in files[name].splitlines()]
