"""Labels to and from Label Studio: its labelling configuration, tasks and annotations.

As its documentation has it (guide/task_format, tags/taxonomy, tags/choices, tags/textarea): an
annotation's `result` holds one item a control, whose `value` is `{"taxonomy": [[path]]}`,
`{"choices": [name]}` or `{"text": [text]}`; `completed_by` is a user's number, or an object with
an e-mail address. A Taxonomy returns values and no aliases (its issue 1371), so the published
names are the values, and a path joined by " - " is the published label.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree

from firstmile.errors import UserError
from firstmile.study.decisions import Confidence
from firstmile.study.exchange.labels import (
    Imported,
    Known,
    RaterLabel,
    once_each,
    read_text,
    round_number,
)
from firstmile.study.issues import Issue
from firstmile.study.reading.quoting import invisible, quoted, shown
from firstmile.taxonomy import Axis, Taxonomy, Term

TEXT: Final = "text"
"""The name of the object that is labelled, and the key of its text in a task's data."""
_TITLES: Final = {
    Axis.SYMPTOM: "Symptom: what was seen",
    Axis.CAUSE: "Root cause: why it happened",
    Axis.STAGE: "Stage: when it happened",
}
_SAID: Final = (*(axis.value for axis in Axis), "quote", "note", "cannot_tell")
_CONTROLS: Final = (*_SAID, "confidence")


def labeling_config(codebook: Taxonomy, *, ecosystem: str = "") -> str:
    """Return the labelling configuration (XML) of a codebook, definitions as hints.

    Terms that cannot apply in the ecosystem are not offered.
    """
    view = ElementTree.Element("View")
    ElementTree.SubElement(view, "Header", value="$title")
    ElementTree.SubElement(view, "Text", name=TEXT, value=f"${TEXT}")
    for axis in Axis:
        ElementTree.SubElement(view, "Header", value=_TITLES[axis])
        taxonomy = ElementTree.SubElement(
            view,
            "Taxonomy",
            name=axis.value,
            toName=TEXT,
            maxUsages="1",
            showFullPath="true",
            pathSeparator=" - ",
        )
        parents: dict[str | None, ElementTree.Element] = {None: taxonomy}
        for term in codebook.of(axis):
            if ecosystem and ecosystem in term.not_applicable:
                continue
            above = parents.get(term.parent, taxonomy)
            parents[term.code] = ElementTree.SubElement(
                above, "Choice", value=_part(term, codebook), hint=term.definition
            )
    _choices(view, "cannot_tell", "Cannot tell", [axis.value for axis in Axis], multiple=True)
    _choices(view, "confidence", "Confidence", [one.value for one in Confidence], multiple=False)
    for name, title in (("quote", "The line that decided it, copied"), ("note", "Note")):
        ElementTree.SubElement(view, "Header", value=title)
        ElementTree.SubElement(
            view, "TextArea", name=name, toName=TEXT, maxSubmissions="1", editable="true"
        )
    ElementTree.indent(view)
    return ElementTree.tostring(view, encoding="unicode") + "\n"


def label_studio_tasks(
    issues: Iterable[Issue],
    codebook: Taxonomy,
    *,
    labels: Sequence[RaterLabel] = (),
    users: Mapping[str, str] | None = None,
    pilot_round: int = 0,
) -> str:
    """Return issues as Label Studio's tasks (JSON), to be labelled by the configuration.

    `labels` become annotations; without them raters stay blind to each other. `users` maps each
    rater to a user's number or e-mail address there. Raises UserError for a rater without one.
    """
    given: dict[str, list[RaterLabel]] = {}
    for label in labels:
        given.setdefault(label.issue, []).append(label)
    tasks = []
    for issue in issues:
        task: dict[str, Any] = {
            "data": {
                "issue": issue.url,
                "title": _storable(issue.title),
                TEXT: _storable(issue.thread),
                "codebook": codebook.version,
                "round": pilot_round,
            }
        }
        if issue.url in given:
            task["annotations"] = [
                {
                    "completed_by": _user(label.rater, users or {}),
                    "was_cancelled": False,
                    "result": _result(label, codebook),
                }
                for label in given[issue.url]
            ]
            task["data"]["round"] = given[issue.url][0].round
        tasks.append(task)
    return json.dumps(tasks, indent=1) + "\n"


def read_label_studio(path: Path, known: Known, *, rater: str | None = None) -> Imported:
    """Read the labels of a Label Studio export in its JSON format.

    `rater` is who gave all annotations, where the file holds one rater's; else `known.users`
    says who each user is. Annotations that were cancelled or hold nothing are counted and left
    out, predictions and drafts are never read. Raises UserError naming file and task.
    """
    name = shown(path.name)
    try:
        tasks = json.loads(read_text(path))
    except (ValueError, RecursionError) as error:
        raise UserError(f"{name} is no JSON; export from Label Studio as JSON.") from error
    if not isinstance(tasks, list):
        raise UserError(f"{name} is no list of tasks; export from Label Studio as JSON.")
    found: list[tuple[RaterLabel, str]] = []
    without = 0
    for place, task in enumerate(tasks, 1):
        where = f"{name}, task {place}"
        data, annotations = _task(task, where)
        issue = known.issue(_string(data, "issue", where), where)
        number = round_number(str(data.get("round", "")), where)
        for annotation in annotations:
            parts = _parts(annotation, where)
            if annotation.get("was_cancelled") or not parts.keys() & set(_SAID):
                without += 1
                continue
            who = known.rater(rater or _completed_by(annotation, where), where)
            value = known.value(
                {axis: " - ".join(parts.get(axis.value, [])) for axis in Axis},
                where=where,
                confidence="".join(parts.get("confidence", [])),
                quote="\n".join(parts.get("quote", [])),
                note="\n".join(parts.get("note", [])),
                cannot_tell=parts.get("cannot_tell", []),
            )
            known.check(value, f"{where}, control")
            label = RaterLabel(issue=issue, rater=who, value=value, round=number)
            found.append((label, where))
    return Imported(labels=once_each(found), without_labels=without)


def _storable(text: str) -> str:
    """Return whole characters without NUL, which Label Studio's databases refuse."""
    return text.replace("\0", "\ufffd").encode("utf-8", "replace").decode()


def _choices(
    view: ElementTree.Element, name: str, title: str, values: Sequence[str], *, multiple: bool
) -> None:
    ElementTree.SubElement(view, "Header", value=title)
    control = ElementTree.SubElement(
        view,
        "Choices",
        name=name,
        toName=TEXT,
        choice="multiple" if multiple else "single-radio",
        showInline="true",
    )
    for value in values:
        ElementTree.SubElement(control, "Choice", value=value)


def _part(term: Term, codebook: Taxonomy) -> str:
    """Return what a term adds to its parent's label, so that a joined path is its label."""
    parent = codebook.by_code.get(term.parent or "")
    return term.label.removeprefix(f"{parent.label} - ") if parent else term.label


def _path(code: str, codebook: Taxonomy) -> list[str]:
    parts = code.split("/")
    codes = ["/".join(parts[: end + 1]) for end in range(len(parts))]
    return [_part(codebook.term(each), codebook) for each in codes]


def _result(label: RaterLabel, codebook: Taxonomy) -> list[dict[str, Any]]:
    value = label.value
    codes = {Axis.SYMPTOM: value.symptom, Axis.CAUSE: value.cause, Axis.STAGE: value.stage}
    items = [
        _item(axis.value, "taxonomy", "taxonomy", [_path(code, codebook)])
        for axis, code in codes.items()
        if code is not None
    ]
    if value.cannot_tell:
        items.append(_item("cannot_tell", "choices", "choices", list(value.cannot_tell)))
    items.append(_item("confidence", "choices", "choices", [value.confidence.value]))
    for name, text in (("quote", value.quote), ("note", value.note)):
        if text:
            items.append(_item(name, "textarea", "text", [text]))
    return items


def _item(name: str, kind: str, key: str, value: list[Any]) -> dict[str, Any]:
    return {"id": name, "from_name": name, "to_name": TEXT, "type": kind, "value": {key: value}}


def _user(rater: str, users: Mapping[str, str]) -> int | dict[str, str]:
    user = users.get(rater, "")
    if user.isascii() and user.isdecimal():
        return int(user)
    if "@" in user and not invisible(user):
        return {"email": user}
    raise UserError(
        f"The rater {quoted(rater)} needs a user of Label Studio, a number or an e-mail address, "
        "so that the labels keep their rater."
    )


def _task(task: Any, where: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    data = task.get("data") if isinstance(task, dict) else None
    annotations = task.get("annotations", []) if isinstance(task, dict) else None
    if not isinstance(data, dict) or not isinstance(annotations, list):
        raise UserError(f"{where}: it has no data and annotations as Label Studio's tasks have.")
    if not all(isinstance(each, dict) for each in annotations):
        raise UserError(f"{where}: an annotation is no object.")
    return data, annotations


def _parts(annotation: Mapping[str, Any], where: str) -> dict[str, list[str]]:
    """Return what each control of an annotation holds, as texts; a taxonomy gives one path."""
    results = annotation.get("result")
    if not isinstance(results, list):
        raise UserError(f"{where}: an annotation has no list of results.")
    parts: dict[str, list[str]] = {}
    for item in results:
        control = item.get("from_name") if isinstance(item, dict) else None
        if control not in _CONTROLS:
            raise UserError(
                f"{where}: {quoted(str(control))} is no control of the labelling configuration "
                f"({', '.join(_CONTROLS)})."
            )
        if control in parts:
            raise UserError(f"{where}: {control} stands twice in one annotation.")
        parts[control] = _value(item, control, where)
    return parts


def _value(item: Mapping[str, Any], control: str, where: str) -> list[str]:
    value = item.get("value")
    content = value.get(_key(item)) if isinstance(value, dict) else None
    if isinstance(content, str):
        content = [content]
    if control in set(Axis) and isinstance(content, list):
        if len(content) > 1:
            raise UserError(f"{where}: more than one {control} was chosen; keep one.")
        if content and isinstance(content[0], list):
            content = content[0]
    if not isinstance(content, list) or not all(isinstance(part, str) for part in content):
        raise UserError(f"{where}: the value of {control} is none that Label Studio writes.")
    return content


def _key(item: Mapping[str, Any]) -> str:
    kind = item.get("type")
    return "text" if kind == "textarea" else str(kind)


def _completed_by(annotation: Mapping[str, Any], where: str) -> str:
    user = annotation.get("completed_by")
    if isinstance(user, dict):
        user = user.get("email", user.get("id"))
    if isinstance(user, bool) or not isinstance(user, int | str) or user == "":
        raise UserError(
            f"{where}: an annotation does not say who made it; name the rater of this file."
        )
    return str(user)


def _string(data: Mapping[str, Any], key: str, where: str) -> str:
    value = data.get(key)
    if not isinstance(value, str):
        raise UserError(f"{where}: its data has no {key}; label tasks that this study exported.")
    return value
