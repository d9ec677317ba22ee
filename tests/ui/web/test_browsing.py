"""Looking around: status, explorer, permalinks and report, each with its JSON twin."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from firstmile.study.decisions import Step
from firstmile.study.folder import StudyFolder
from firstmile.study.machine_screen import screen_by_machine
from ui.web.served import Served, Visit, sent
from ui.web.studies import REPORTS, add_issues, include_all, label, make, url_of

Serve = Callable[..., Served]
Go = Callable[..., Visit]
LABELS = {"symptom": "loading", "cause": "environment", "stage": "inference"}
PAGES = ("/screen", "/verify", "/audit", "/label", "/adjudicate", "/issues", "/adjudicate/history")


def test_every_page_has_a_json_twin(labelling: Served) -> None:
    with labelling.client("ada") as client:
        for path in (*PAGES, "/issues/acme/engine/1"):
            twin = client.get(f"{path}.json")
            asked = client.get(path, headers={"Accept": "application/json"})
            assert twin.json() == asked.json()
            assert client.get(path).headers["content-type"].startswith("text/html")
        assert client.get("/index.json").json()["issues"] == 12


def test_refusals_are_json_for_programs(screening: Served) -> None:
    with screening.client("ada") as client:
        assert client.get("/nothing.json").json() == {"error": "There is no such page."}
        assert client.get("/issues/acme/engine/99").text == "There is no such page.\n"


def test_status_says_what_is_to_be_done(study: StudyFolder, serve: Serve, visit: Go) -> None:
    rater = visit(serve(study), "ada", "/")
    row = rater.page.locator("tr", has=rater.page.get_by_role("link", name="Screen"))
    expect(row).to_contain_text("12 to go")
    row.get_by_role("link").click()
    rater.ready()
    assert rater.page.url.endswith("/screen")


def test_explorer_is_searched_narrowed_and_left_by_keyboard_and_links(
    to_label: StudyFolder, serve: Serve, visit: Go
) -> None:
    rater = visit(serve(to_label), "ada", "/issues")
    rater.press("/")
    rater.page.keyboard.type("memory")
    rater.press("Enter")
    expect(rater.page.locator(".hits li")).to_have_count(2)
    rater.page.get_by_role("link", name="bug").click()
    expect(rater.page.locator(".hits li")).to_have_count(2)
    rater.page.locator(".hits a").first.click()
    expect(rater.page.locator("h1")).to_be_visible()
    address = rater.page.url
    assert "/issues/acme/engine/" in address
    rater.page.get_by_role("link", name="label it").click()
    rater.ready()
    assert rater.data()["issue"]["url"].endswith(address.rpartition("/")[2])
    assert rater.complaints == []


def test_explorer_turns_pages(tmp_path: Path, serve: Serve, visit: Go) -> None:
    folder = make(tmp_path / "study", [REPORTS[n % 12] for n in range(60)])
    rater = visit(serve(folder), "ada", "/issues")
    expect(rater.page.locator(".hits li")).to_have_count(25)
    rater.press("ArrowRight")
    expect(rater.page.locator(".paging")).to_contain_text("page 2 of 3")
    rater.press("ArrowRight")
    expect(rater.page.locator(".hits li")).to_have_count(10)
    rater.press("ArrowLeft")
    expect(rater.page.locator(".paging")).to_contain_text("page 2 of 3")


def test_explorer_follows_the_store_and_the_decisions(study: StudyFolder, serve: Serve) -> None:
    with serve(study).client("ada") as client:
        assert client.get("/issues.json").json()["total"] == 12
        add_issues(study, [("New words", "", ())], repository="acme/other")
        assert client.get("/issues.json", params={"words": "new words"}).json()["total"] == 1
        include_all(study)
        for rater in ("ada", "ben"):
            label(study, url_of(1), rater, **LABELS)
        found = client.get("/issues.json", params={"place": "labelled"}).json()
        assert [hit["number"] for hit in found["hits"]] == [1]
        assert [
            one["rater"] for one in client.get("/issues/acme/engine/1.json").json()["final"]
        ] == ["ada"]


def test_one_raters_inclusion_moves_nothing_in_the_explorer(
    study: StudyFolder, serve: Serve
) -> None:
    served = serve(study)
    with served.client("ada") as ada, served.client("ben") as ben:
        ben.post("/screen", json=sent(url_of(1), {"include": True}))
        places = dict(ada.get("/issues.json").json()["facets"]["place"])
        assert places == {"to screen": 12}
        assert ada.get("/issues/acme/engine/1.json").json()["place"] == "to screen"


def test_several_raters_work_at_once(to_label: StudyFolder, serve: Serve) -> None:
    import threading

    served = serve(to_label)

    def work(rater: str) -> None:
        with served.client(rater) as client:
            for _ in range(12):
                url = client.get("/label.json").json()["issue"]["url"]
                client.get("/issues", params={"words": "the"})
                assert client.post("/label", json=sent(url, LABELS)).status_code == 200

    threads = [threading.Thread(target=work, args=(name,)) for name in ("ada", "ben")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    with to_label.decisions() as decisions:
        assert len(decisions.current(Step.LABEL)) == 24
        assert len(decisions.history(step=Step.LABEL)) == 24


def test_report_is_served_with_its_own_scripts_alone(
    study: StudyFolder, serve: Serve, visit: Go
) -> None:
    served = serve(study)
    with served.client("ada") as client:
        assert "There is no report yet" in client.get("/report/").text
        figures = study.path / "report" / "figures"
        figures.mkdir(parents=True)
        (study.path / "report" / "index.html").write_text("<script>window.ran=1</script>Report")
        (figures / "a.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
        page = client.get("/report/")
        assert "connect-src" not in page.headers["content-security-policy"]
        assert "default-src 'none'" in page.headers["content-security-policy"]
        figure = client.get("/report/figures/a.svg")
        assert figure.headers["content-type"] == "image/svg+xml"
        assert "script-src" not in figure.headers["content-security-policy"]
    rater = visit(served, "ada", "/report/")
    assert rater.page.evaluate("window.ran") == 1


@pytest.mark.parametrize("width", [390, 1280])
def test_pages_fit_and_are_legible(
    to_label: StudyFolder, serve: Serve, visit: Go, width: int
) -> None:
    from rendering.test_page_in_browser import LOW_CONTRAST

    rater = visit(serve(to_label), "ada", "/", width=width, color_scheme="dark")
    for path in ("/", "/issues", "/issues/acme/engine/1", "/adjudicate/history", "/report/"):
        rater.page.goto(rater.served.base + path)
        assert rater.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert rater.page.evaluate(LOW_CONTRAST) == []


def test_suggestion_is_off_unless_the_design_turns_it_on_and_is_recorded(
    to_label: StudyFolder, serve: Serve
) -> None:
    served = serve(to_label)
    served.site.suggest = lambda _issue: {"symptom": "hang"}
    with served.client("ada") as client:
        assert client.get("/label.json").json()["suggestion"] is None
    text = (to_label.path / "study.toml").read_text() + "[label]\nsuggestions = true\n"
    (to_label.path / "study.toml").write_text(text)
    served = serve(StudyFolder(to_label.path))
    served.site.suggest = lambda _issue: {"symptom": "hang"}
    with served.client("ada") as client:
        assert client.get("/label.json").json()["suggestion"] == {"symptom": "hang"}
        value = {**LABELS, "suggested": {"symptom": "hang"}}
        assert client.post("/label", json=sent(url_of(1), value)).status_code == 200
    with to_label.decisions() as decisions:
        recorded = decisions.current(Step.LABEL)[0].value
    assert recorded is not None
    assert recorded["suggested"] == {"symptom": "hang"}


def test_command_without_a_study_is_one_sentence(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "firstmile", "serve", str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert "holds no study.toml" in done.stderr
    assert "Traceback" not in done.stderr


def test_command_above_a_study_names_it(study: StudyFolder) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "firstmile", "serve", str(study.path.parent)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert f"one is in it: name {study.path}" in " ".join(done.stderr.split())


def test_home_page_learns_that_the_study_was_published(to_label: StudyFolder, serve: Serve) -> None:
    screen_by_machine(to_label)
    for rater in ("ada", "ben"):
        label(to_label, url_of(1), rater, **LABELS)
    with serve(to_label).client("ada") as client:
        before = client.get("/index.json").json()["next"]
        with to_label.decisions() as decisions:
            made = {"decisions": len(decisions.history())}
        to_label.published.mkdir()
        (to_label.published / "publication.json").write_text(json.dumps(made))
        after = client.get("/index.json").json()["next"]
    assert f"firstmile study publish {to_label.path}" in before[-1]
    assert f"labelled and published: firstmile study report {to_label.path}" in after[-1]


def test_missing_report_says_to_publish_first(study: StudyFolder, serve: Serve) -> None:
    with serve(study).client("ada") as client:
        before = client.get("/report/").text
        study.published.mkdir()
        (study.published / "publication.json").write_text("{}")
        after = client.get("/report/").text
    publish, report = (f"firstmile study {one} {study.path}" for one in ("publish", "report"))
    assert before.index(publish) < before.index(report)
    assert publish not in after
    assert report in after


def test_home_page_counts_as_ones_own_only_what_one_decided(
    to_label: StudyFolder, serve: Serve
) -> None:
    label(to_label, url_of(1), "ada", **LABELS)
    label(to_label, url_of(1), "ben", **(LABELS | {"cause": "hardware"}))
    served = serve(to_label)
    with served.client("ada") as ada, served.client("ben") as ben:
        ada.get("/adjudicate")
        decided = sent(url_of(1), LABELS, reason="The log says so.")
        assert ada.post("/adjudicate", json=decided).status_code == 200
        pages = [client.get("/").text for client in (ada, ben)]
    own, other = (
        page.partition('row"><a href="/adjudicate"')[2].partition("</tr>")[0] for page in pages
    )
    assert 'data-name="You decided">1<' in own
    assert "settled by others" not in own
    assert 'data-name="You decided">0<' in other
    assert "1 settled by others" in other
