"""Every page fits a phone and a desk: nothing stands beyond the edge, nothing is cut off."""

from collections.abc import Callable

import pytest

from firstmile.study.decisions import LabelValue, Step
from firstmile.study.folder import StudyFolder
from ui.web.served import Served, Visit
from ui.web.studies import AT, DESIGN, LOG, REPORTS, include_all, label, make, url_of

Serve = Callable[..., Served]
Go = Callable[..., Visit]

COMMAND = (
    "serve --model /mnt/checkpoints/" + "a_long_name_without_any_break/" * 6 + " --length 131072"
)
LONG = (
    "[Bug]: RuntimeError: an illegal memory access was encountered with tensor_parallel_size=8, "
    "only after the third request (see a_module_name_" + "without_breaks_" * 5 + ")",
    "| part | version | where it came from | remark |\n|---|---|---|---|\n"
    "| torch | 2.9.0+cu128 | built from source | on a machine that is not this one |\n\n"
    f"```bash\n{COMMAND}\n```\n\n```text\n{LOG}\n```\n\nhttps://example.org/{'x' * 150}",
    (("maintainer", f"```\n{COMMAND}\n```"), ("someone", "我这里也是一样的问题，" * 12)),
)
CHINESE = (
    "模型加载失败：使用四张显卡进行推理的时候提示显存不足" * 3,
    "加载模型的时候报错了，" * 20,
    (),
)
RIGHT_TO_LEFT = ("مرحبا \u202e exe.gnp", "نص عربي طويل " * 20, ())
CUT = """() => {
  const found = [];
  const tell = (what, box) => found.push(
    `${what}: ${box.tagName}.${box.className} ${box.textContent.trim().slice(0, 40)}`);
  for (const box of document.querySelectorAll("body *")) {
    if (!box.checkVisibility() || box.closest(".unseen, .skip, dialog:not([open])")) continue;
    const { left, right } = box.getBoundingClientRect();
    if (right > innerWidth + 1 || left < -1) tell("beyond the edge", box);
    const { overflowX, overflowY } = getComputedStyle(box);
    if (overflowX !== "visible" && box.clientWidth && box.scrollWidth > box.clientWidth + 1)
      tell("cut at its side", box);
    if (overflowY === "hidden" && box.clientHeight && box.scrollHeight > box.clientHeight + 2)
      tell("cut at its foot", box);
  }
  return found;
}"""
COVERED = """() => ["#reason", "#next", "#confidence", "#quote"].filter((name) => {
  const box = document.querySelector(name);
  const { left, top, width, height } = box.getBoundingClientRect();
  const there = document.elementFromPoint(left + width / 2, top + height / 2);
  return !box.contains(there) && !there?.contains(box);
})"""


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> StudyFolder:
    """Return a study with long texts in every place."""
    design = DESIGN.replace("First mile, small", "How the new engines fail their users in 2026")
    reports = [LONG, CHINESE, RIGHT_TO_LEFT, REPORTS[0]]
    folder = make(tmp_path_factory.mktemp("full") / "study", reports, design=design)
    include_all(folder)
    same = {"cause": "hardware/gpu-memory", "stage": "inference"}
    loading = "loading/model/validation-failed"
    label(folder, url_of(1), "ada", symptom="crash/cuda/out-of-memory", quote=COMMAND, **same)
    label(folder, url_of(1), "ben", symptom=loading, codebook="0.9.0", note="why? " * 60, **same)
    for rater, symptom in (("ada", "hang"), ("ben", loading)):
        label(folder, url_of(2), rater, symptom=symptom, **same)
    with folder.decisions() as decisions:
        decisions.append(
            url_of(2),
            Step.ADJUDICATE,
            "ada",
            LabelValue(symptom="hang", cause="hardware/gpu-memory", stage="inference"),
            codebook="0.9.0",
            at=AT,
            key="adjudicated",
            reason="The log stands still for an hour. " * 12,
        )
    return folder


PAGES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("/", ()),
    (f"/screen?issue={url_of(1)}", ("b",)),
    (f"/verify?issue={url_of(2)}", ()),
    (f"/label?issue={url_of(4)}", ("1", "1", "1", "e", "e", "q", "7")),
    (f"/label?issue={url_of(4)}", ("1", "1", "t", "2", "c", "/", "m", "e", "m")),
    (f"/label?issue={url_of(3)}", ("?",)),
    (f"/adjudicate?issue={url_of(1)}", ()),
    (f"/adjudicate?issue={url_of(2)}", ()),
    ("/audit", ()),
    ("/issues", ()),
    ("/issues?words=memory&label=bug", ()),
    ("/issues?words=nothing+has+these", ()),
    ("/issues/acme/engine/1", ()),
    ("/issues/acme/engine/3", ()),
    ("/adjudicate/history", ()),
    ("/report/", ()),
)


@pytest.mark.parametrize(("width", "theme"), [(360, "dark"), (1280, "light")])
def test_nothing_is_cut_on_any_page(
    full: StudyFolder, serve: Serve, visit: Go, width: int, theme: str
) -> None:
    rater = visit(serve(full), "ben", width=width, color_scheme=theme)
    cut = {}
    for path, keys in PAGES:
        rater.open(path)
        rater.press(*keys)
        if found := rater.page.evaluate(CUT):
            cut[path] = found
        assert rater.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert cut == {}


def test_adjudicator_sees_both_quotes_and_the_whole_form_at_once(
    full: StudyFolder, serve: Serve, visit: Go
) -> None:
    rater = visit(serve(full), "ben")
    for number in (2, 1):
        rater.open(f"/adjudicate?issue={url_of(number)}")
        assert rater.page.evaluate(COVERED) == []
    quote, beside = rater.page.locator(".said").first, rater.page.locator(".beside")
    seen, around = quote.bounding_box(), beside.bounding_box()
    assert seen
    assert around
    assert seen["y"] + 15 < around["y"] + around["height"]


def test_keys_are_read_from_the_top_on_a_phone(full: StudyFolder, serve: Serve, visit: Go) -> None:
    rater = visit(serve(full), "ben", f"/label?issue={url_of(4)}", width=360, height=640)
    rater.press("?")
    assert rater.page.locator("#help").evaluate("(help) => help.scrollTop") == 0


def test_earlier_adjudication_is_shown_with_its_labels(full: StudyFolder, serve: Serve) -> None:
    with serve(full).client("ben") as client:
        text = client.get("/adjudicate", params={"issue": url_of(2)}).text
    assert "ada has decided this issue already" in text
    assert "Hang; Hardware and Resource Limitations - GPU Memory Insufficiency; Inference" in text
