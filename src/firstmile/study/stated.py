"""What only those who run a study can say: answers on the data, its models, its raters' pace."""

from collections.abc import Mapping

import msgspec


class DatasheetTable(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Answers that no record of a study holds, each a plain text; empty is not stated.

    They are questions of Gebru et al. (Datasheets for Datasets, 2021) but for `citation`, which
    is how the data set is to be cited where that is not by its own name and authors. `raters`
    says who they are, `payment` what they got, `retention` how long data on persons may be kept.
    """

    funding: str = ""
    raters: str = ""
    payment: str = ""
    ethics: str = ""
    consent: str = ""
    impact: str = ""
    uses: str = ""
    uses_listed: str = ""
    export_controls: str = ""
    maintenance: str = ""
    retention: str = ""
    older_versions: str = ""
    citation: str = ""

    def given(self) -> Mapping[str, str]:
        """Return what is stated, by key."""
        found = {key: getattr(self, key).strip() for key in self.__struct_fields__}
        return {key: words for key, words in found.items() if words}


class PaceTable(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Seconds that a rater is expected to take over one issue, in each step.

    Nothing but plans rests on them. The screen reads title and description, an audit and the
    verification the whole thread.
    """

    screen: int = 20
    audit: int = 90
    verify: int = 90
    label: int = 150
    adjudicate: int = 180


class ModelTable(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which model the issues of a repository are about, for a repository of one model.

    An issue rarely says so in a form that can be read, but a model's own repository does.
    """

    repository: str
    series: str = ""
    version: str = ""
    architecture: str = ""
