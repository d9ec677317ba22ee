"""Croissant 1.1 metadata with the responsible-AI fields.

Sources: the Croissant format specification 1.1 (mlcommons.org/croissant/1.1), its RAI extension
1.0 (mlcommons.org/croissant/RAI/1.0), and the fields that the Evaluations and Datasets track of
NeurIPS 2026 asks for, of which rai:hasSyntheticData and the two of PROV-O are no part of RAI 1.0.
"""

import hashlib
from collections.abc import Mapping
from typing import Any, Final

from firstmile.rendering.inert import visible
from firstmile.study.licensing import license_of
from firstmile.study.publishing import labelling, statements
from firstmile.study.publishing.citation import bibtex
from firstmile.study.publishing.columns import (
    DECISIONS,
    FAILURES,
    JUDGEMENTS,
    Column,
    Kind,
    columns_of,
)
from firstmile.study.publishing.dataset import Dataset
from firstmile.taxonomy import Axis

CONFORMS_TO: Final = (
    "http://mlcommons.org/croissant/1.1",
    "http://mlcommons.org/croissant/RAI/1.0",
)
SCHEMA: Final = "https://schema.org/"
"""The specification's text writes http; its published validator takes https alone."""

CONTEXT: Final[Mapping[str, Any]] = {
    "@language": "en",
    "@vocab": SCHEMA,
    "sc": SCHEMA,
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "dct": "http://purl.org/dc/terms/",
    "prov": "http://www.w3.org/ns/prov#",
    "conformsTo": "dct:conformsTo",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "description": {"@container": "@language"},
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "name": {"@container": "@language"},
    **{
        term: f"cr:{term}"
        for term in (
            "annotation",
            "arrayShape",
            "citeAs",
            "column",
            "containedIn",
            "equivalentProperty",
            "excludes",
            "extract",
            "field",
            "fileObject",
            "fileProperty",
            "fileSet",
            "format",
            "includes",
            "isArray",
            "isLiveDataset",
            "jsonPath",
            "key",
            "md5",
            "parentField",
            "path",
            "readLines",
            "recordSet",
            "references",
            "regex",
            "repeated",
            "replace",
            "samplingRate",
            "sdVersion",
            "separator",
            "source",
            "subField",
            "transform",
            "unArchive",
            "value",
        )
    },
}
"""Appendix 1 of the specification, with the older terms that the validator still asks for."""

FORMATS: Final = {
    ".json": "application/json",
    ".jsonl": "application/jsonlines",
    ".parquet": "application/x-parquet",
    ".csv": "text/csv",
}

_TYPES: Final = {
    Kind.ADDRESS: "sc:URL",
    Kind.TEXT: "sc:Text",
    Kind.INTEGER: "sc:Integer",
    Kind.BOOLEAN: "sc:Boolean",
    Kind.DAY: "sc:Date",
    Kind.LIST: "sc:Text",
}


def croissant(dataset: Dataset, files: Mapping[str, bytes]) -> dict[str, Any]:
    """Return the metadata of a data set whose files are given by name."""
    described = {name: data for name, data in files.items() if _ending(name) in FORMATS}
    rights = license_of(dataset.license)
    return {
        "@context": dict(CONTEXT),
        "@type": "sc:Dataset",
        "conformsTo": list(CONFORMS_TO),
        "name": visible(dataset.name),
        "description": visible(statements.summary(dataset)),
        "license": rights.url or rights.title,
        "url": dataset.url or _name_by_content(files["failures.jsonl"]),
        "version": dataset.version,
        "datePublished": dataset.published.isoformat(),
        "creator": [{"@type": "sc:Person", "name": visible(name)} for name in dataset.authors]
        or [{"@type": "sc:Organization", "name": "not stated"}],
        "citeAs": visible(dataset.stated.citation.strip()) or bibtex(dataset),
        "isLiveDataset": False,
        "inLanguage": "en",
        "keywords": list(KEYWORDS),
        **_funding(dataset),
        **_provenance(dataset),
        **_responsible(dataset),
        "distribution": [_file(name, data) for name, data in sorted(described.items())],
        "recordSet": [
            _record_set(
                "failures",
                "One labelled failure a record.",
                "failures.jsonl",
                columns_of(FAILURES, text=dataset.text),
                key="issue",
            ),
            *(
                [
                    _record_set(
                        "decisions",
                        "One decision of one rater a record.",
                        "decisions.jsonl",
                        columns_of(DECISIONS, text=dataset.text),
                        key="order",
                    )
                ]
                if dataset.decisions
                else []
            ),
            *(
                [
                    _record_set(
                        "judgements",
                        "One rater's judgement of two issues a record, whether they report the "
                        "same failure.",
                        "judgements.jsonl",
                        columns_of(JUDGEMENTS, text=dataset.text),
                        key="order",
                    )
                ]
                if dataset.judgements
                else []
            ),
            *(_terms(dataset, axis) for axis in Axis),
        ],
    }


KEYWORDS: Final = ("large language models", "failures", "issue reports", "empirical study")


def _ending(name: str) -> str:
    return name[name.rindex(".") :] if "." in name else ""


def _name_by_content(data: bytes) -> str:
    """Return a name that follows from the rows, for a data set that has no address yet."""
    return f"urn:sha256:{hashlib.sha256(data).hexdigest()}"


def _file(name: str, data: bytes) -> dict[str, Any]:
    return {
        "@type": "cr:FileObject",
        "@id": name,
        "name": name,
        "contentUrl": name,
        "contentSize": f"{len(data)} B",
        "encodingFormat": FORMATS[_ending(name)],
        "sha256": hashlib.sha256(data).hexdigest(),
    }


def _record_set(
    name: str, meaning: str, file: str, columns: tuple[Column, ...], *, key: str
) -> dict[str, Any]:
    return {
        "@type": "cr:RecordSet",
        "@id": name,
        "name": name,
        "description": meaning,
        "key": {"@id": f"{name}/{key}"},
        "field": [_field(name, file, column) for column in columns],
    }


def _field(record_set: str, file: str, column: Column) -> dict[str, Any]:
    kind = _TYPES[column.kind]
    label = column.code_of is not None and not column.name.startswith("suggested_")
    field: dict[str, Any] = {
        "@type": "cr:Field",
        "@id": f"{record_set}/{column.name}",
        "name": column.name,
        "description": column.meaning,
        "dataType": [kind, "cr:Label"] if label else kind,
        "source": {"fileObject": {"@id": file}, "extract": {"column": column.name}},
    }
    if column.kind is Kind.LIST:
        field |= {"isArray": True, "arrayShape": "-1"}
    if column.code_of is not None:
        field["references"] = {"field": {"@id": f"{_enumeration(column.code_of)}/code"}}
    return field


def _enumeration(axis: Axis) -> str:
    return f"{axis.value}s"


def _terms(dataset: Dataset, axis: Axis) -> dict[str, Any]:
    """Return the codebook's terms as an enumeration (section "Categorical Data")."""
    name = _enumeration(axis)
    return {
        "@type": "cr:RecordSet",
        "@id": name,
        "name": name,
        "description": f"Terms of the codebook's axis {axis.value}.",
        "dataType": "sc:Enumeration",
        "key": {"@id": f"{name}/code"},
        "field": [
            {
                "@type": "cr:Field",
                "@id": f"{name}/{field}",
                "name": field,
                "description": meaning,
                "dataType": "sc:Text",
            }
            for field, meaning in (
                ("code", "The term's code."),
                ("name", "The term's label."),
                ("definition", "What it means."),
            )
        ],
        "data": [
            {
                f"{name}/code": term.code,
                f"{name}/name": visible(term.label),
                f"{name}/definition": visible(term.definition),
            }
            for term in dataset.codebook.of(axis)
        ],
    }


def _funding(dataset: Dataset) -> dict[str, Any]:
    """Return who paid for the data set, as schema.org has it; nothing where it is not stated."""
    said = visible(dataset.stated.funding.strip())
    return {"funding": {"@type": "sc:Grant", "description": said}} if said else {}


def _provenance(dataset: Dataset) -> dict[str, Any]:
    """Return the provenance (section "Provenance Representation", after W3C PROV-O)."""
    hosts = sorted({row.issue.rsplit("/", 2)[0] for row in dataset.rows})
    collecting: dict[str, Any] = {
        "@type": "prov:Activity",
        "prov:label": "Collection",
        "description": visible(statements.collection(dataset)),
    }
    if dataset.collected is not None:
        collecting |= {
            "prov:startedAtTime": dataset.collected[0].isoformat(),
            "prov:endedAtTime": dataset.collected[1].isoformat(),
        }
    return {
        "prov:wasDerivedFrom": [{"@id": host} for host in hosts],
        "prov:wasGeneratedBy": [
            collecting,
            {
                "@type": "prov:Activity",
                "prov:label": "Labelling",
                "description": visible(labelling.protocol(dataset)),
            },
        ],
    }


def _responsible(dataset: Dataset) -> dict[str, Any]:
    """Return the fields of RAI 1.0, in the cardinality that its table states."""
    models = labelling.models(dataset)
    stated = dataset.stated
    fields: dict[str, Any] = {
        "dataCollection": statements.also(
            statements.collection(dataset),
            ("Ethical review", stated.ethics),
            ("Notice and consent", stated.consent),
        ),
        "dataCollectionType": ["Web API", "User-generated content data", "Manual Human Curator"],
        "dataCollectionMissingData": _missing(dataset),
        "dataCollectionRawData": "Issues of public repositories with their comments, labels and "
        "closing reasons. They are not part of the data set; the links lead to them.",
        "dataImputationProtocol": "Nothing was imputed: what is not known is null.",
        "dataManipulationProtocol": statements.manipulation(dataset),
        "dataPreprocessingProtocol": statements.preprocessing(dataset),
        "dataAnnotationProtocol": statements.also(
            labelling.protocol(dataset), ("Payment", stated.payment)
        ),
        "dataAnnotationPlatform": [f"firstmile {dataset.versions.firstmile}"],
        "dataAnnotationAnalysis": [labelling.agreement(dataset), statements.suggestions(dataset)],
        "annotationsPerItem": labelling.labels_an_issue(dataset),
        "annotatorDemographics": [stated.raters.strip() or "Not stated."],
        "machineAnnotationTools": models or ["None: people decided."],
        "dataReleaseMaintenancePlan": statements.maintenance(dataset),
        "personalSensitiveInformation": statements.privacy(dataset),
        "dataSocialImpact": statements.social_impact(dataset),
        "dataBiases": statements.biases(dataset),
        "dataLimitations": statements.limitations(dataset),
        "dataUseCases": statements.uses(dataset),
    }
    found: dict[str, Any] = {
        f"rai:{name}": [visible(one) for one in said] if isinstance(said, list) else visible(said)
        for name, said in fields.items()
    }
    if dataset.collected is not None:
        found["rai:dataCollectionTimeframe"] = [day.isoformat() for day in dataset.collected]
    # A language model's decisions are the only content that no person made.
    found["rai:hasSyntheticData"] = bool(models)
    return dict(sorted(found.items()))


def _missing(dataset: Dataset) -> str:
    optional = ("series", "version", "architecture", "status", "created", "closed", "confidence")
    parts = [
        f"{name} in {missing:,}"
        for name in optional
        if (missing := sum(1 for row in dataset.rows if getattr(row, name) is None))
    ]
    if not parts:
        return f"No value is missing in the {statements.count(len(dataset.rows), 'row')}."
    return (
        f"Of {statements.count(len(dataset.rows), 'row')}, null is "
        f"{statements.listing(parts)}. Null means not known, and for closed also still open."
    )
