"""The application: which address is answered by what."""

import sqlite3
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final
from urllib.parse import quote

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import (
    HTMLResponse,
    JSONResponse,
    PlainTextResponse,
    RedirectResponse,
    Response,
)
from starlette.routing import Route
from starlette.types import ASGIApp

from firstmile.errors import UserError
from firstmile.rendering.inert import visible
from firstmile.study.decisions import Step
from firstmile.study.issues import Issue
from firstmile.ui.web import templates
from firstmile.ui.web.browsing import (
    explorer_data,
    explorer_view,
    history_data,
    issue_data,
    issue_view,
    status_data,
    status_view,
)
from firstmile.ui.web.coming import in_parts
from firstmile.ui.web.ending import ending, ending_view
from firstmile.ui.web.guard import Doors, Guard, refusal, wants_json
from firstmile.ui.web.naming import issues_named
from firstmile.ui.web.rating import NAMES, address_of, known_steps, may_open, rating_data, reading
from firstmile.ui.web.reports import no_report, report_file
from firstmile.ui.web.saving import (
    LABELLED,
    NotSavedError,
    check_rater,
    read_sent,
    save,
    skip,
    undo,
)
from firstmile.ui.web.site import Site, index_problem
from firstmile.ui.web.thread import plain_text

FOREVER: Final = "private, max-age=31536000, immutable"
RATED: Final = (Step.SCREEN, Step.VERIFY, Step.AUDIT, Step.LABEL, Step.ADJUDICATE)


def make_app(site: Site, doors: Doors) -> ASGIApp:
    """Return the application of a study, guarded."""
    pages = _Pages(site, doors)
    routes = [
        Route("/enter", pages.enter),
        Route("/assets/{stamp}/{name}", pages.asset),
        Route("/codebook/{stamp}.json", pages.codebook),
        Route("/favicon.ico", pages.nothing),
    ]
    for step in RATED:
        for address in (f"/{step.value}", f"/{step.value}.json"):
            routes.append(Route(address, pages.answered(partial(pages.rate, step))))
        routes += [
            Route(f"/{step.value}", partial(pages.send, step, "save"), methods=["POST"]),
            Route(f"/{step.value}/undo", partial(pages.send, step, "undo"), methods=["POST"]),
            Route(f"/{step.value}/skip", partial(pages.send, step, "skip"), methods=["POST"]),
        ]
    for address, page in (
        ("/codebook.json", pages.codebook_now),
        ("/", pages.status),
        ("/index.json", pages.status),
        ("/issues", pages.issues),
        ("/issues.json", pages.issues),
        ("/issues/at", pages.issue_at),
        ("/issues/named.json", pages.named),
        ("/adjudicate/history", pages.history),
        ("/adjudicate/history.json", pages.history),
        ("/issues/{owner}/{name}/{number:int}", pages.issue),
        ("/issues/{owner}/{name}/{number:int}.json", pages.issue),
        ("/issues/{owner}/{name}/{number:int}/thread.txt", pages.plain),
        ("/report/{path:path}", pages.report),
    ):
        routes.append(Route(address, pages.answered(page)))
    routes.append(Route("/report", pages.to_report))
    app = Starlette(
        routes=routes,
        exception_handlers={
            HTTPException: _http_error,
            UserError: _user_error,
            sqlite3.DatabaseError: _index_error,
            Exception: _broken,
        },
    )
    return Guard(app, doors)


Page = Callable[[Request, str], Response]


class _Pages:
    """The answers; each runs in a thread of its own, so that raters do not wait for another."""

    def __init__(self, site: Site, doors: Doors) -> None:
        self._site = site
        self._doors = doors

    def answered(self, page: Page) -> Callable[[Request], Any]:
        """Return an endpoint that calls a page with its rater."""

        async def answer(request: Request) -> Response:
            return await run_in_threadpool(page, request, request.scope["rater"])

        return answer

    async def enter(self, request: Request) -> Response:
        """Exchange a token for this run's cookie, and go on to the plain address."""
        rater = self._doors.owner_of(request.query_params.get("token", ""))
        if rater is None:
            return refusal(
                request.scope, 403, "That token is nobody's: use the link that was printed for you."
            )
        if request.headers.get("sec-fetch-site", "none") in ("none", "same-origin"):
            answer: Response = RedirectResponse("/", 303)
        else:
            # A strict cookie does not come along on a redirect that a foreign page set off.
            answer = HTMLResponse(templates.render("enter.html.j2", {}))
        answer.set_cookie(
            self._doors.cookie,
            self._doors.passes.of(rater),
            httponly=True,
            samesite="strict",
            secure=f"https://{request.headers['host']}" in self._doors.origins,
            path="/",
        )
        return answer

    async def asset(self, request: Request) -> Response:
        """Answer a style or a script; its address changes with its content."""
        name = request.path_params["name"]
        data = templates.assets().get(name)
        if data is None:
            raise HTTPException(404)
        kind = templates.KINDS[name.rpartition(".")[2]]
        return Response(data, media_type=kind, headers={"cache-control": FOREVER})

    async def codebook(self, request: Request) -> Response:
        """Answer a text of the codebook; its address changes with it."""
        text = self._site.codebook.text(request.path_params["stamp"])
        if text is None:
            raise HTTPException(404)
        return Response(text, media_type="application/json", headers={"cache-control": FOREVER})

    def codebook_now(self, _request: Request, _rater: str) -> Response:
        """Answer which codebook is in force, so that an open page learns of a change."""
        self._site.refresh()
        codebook = self._site.codebook
        return JSONResponse({"version": codebook.taxonomy.version, "address": codebook.address})

    async def nothing(self, _request: Request) -> Response:
        """Answer that there is nothing, such as an icon."""
        return Response(status_code=204)

    def rate(self, step: Step, request: Request, rater: str) -> Response:
        """Answer the page of a step that raters decide in."""
        site = self._site
        wanted = request.query_params.get("issue")
        status, why = may_open(site, step, rater, wanted)
        if why:
            return self._closed(request, rater, step, status, why)
        if step in LABELLED and site.codebook.problem:
            return refusal(request.scope, 503, site.codebook.problem)
        data = rating_data(site, step, rater, wanted)
        view = reading
        if not data["issue"]:
            data, view = {**data, "ending": ending(site, data)}, ending_view
        name = "screen.html.j2" if "reasons" in data else "label.html.j2"
        return self.page(request, rater, name, data, lambda: view(site, data), at=step.value)

    def _closed(self, request: Request, rater: str, step: Step, status: int, why: str) -> Response:
        """Answer why a rater gets no page of a step, with the ways on."""
        if wants_json(request.scope):
            return refusal(request.scope, status, why)
        has_part = step in known_steps(self._site, rater)
        data = {
            "title": NAMES[step],
            "words": why,
            "ways": [{"to": f"/{step.value}", "words": "Go on with the next issue"}] * has_part
            + [{"to": "/", "words": "How far the study is"}],
        }
        answer = self._notice(request, rater, data, at=step.value)
        answer.status_code = status
        return answer

    def status(self, request: Request, rater: str) -> Response:
        """Answer how far the study is."""
        data = status_data(self._site, rater)
        return self.page(
            request, rater, "status.html.j2", data, lambda: status_view(self._site, data)
        )

    def issues(self, request: Request, rater: str) -> Response:
        """Answer the explorer."""
        data = explorer_data(self._site, request.query_params)
        return self.page(
            request, rater, "issues.html.j2", data, lambda: explorer_view(data), at="issues"
        )

    def issue(self, request: Request, rater: str) -> Response:
        """Answer one issue."""
        found = self._found(request)
        data = issue_data(self._site, rater, found)
        return self.page(
            request, rater, "issue.html.j2", data, lambda: issue_view(found, data), at="issues"
        )

    def issue_at(self, request: Request, _rater: str) -> Response:
        """Send on from an issue's address at its source to its page here."""
        found = self._site.issue(request.query_params.get("url", ""))
        if found is None:
            raise HTTPException(404)
        return RedirectResponse(address_of(found), 303)

    def named(self, request: Request, _rater: str) -> Response:
        """Answer which issues may be meant by what a rater writes of another one."""
        given = request.query_params
        return JSONResponse(issues_named(self._site, given.get("of", ""), given.get("words", "")))

    def plain(self, request: Request, _rater: str) -> Response:
        """Answer a whole thread as plain text."""
        return PlainTextResponse(plain_text(self._found(request)))

    def history(self, request: Request, rater: str) -> Response:
        """Answer what was decided for good."""
        data = history_data(self._site, rater)
        return self.page(request, rater, "history.html.j2", data, at="adjudicate")

    def report(self, request: Request, rater: str) -> Response:
        """Answer a file of the study's report."""
        path = request.path_params["path"]
        found = report_file(self._site.folder, path)
        if found is not None:
            return found
        if path:
            raise HTTPException(404)
        data = no_report(self._site.folder)
        return self._notice(request, rater, data, at="report")

    def _notice(
        self, request: Request, rater: str, data: Mapping[str, Any], *, at: str
    ) -> Response:
        """Answer a page of a few words, with the commands in them as such."""
        return self.page(
            request,
            rater,
            "notice.html.j2",
            data,
            lambda: {"said": in_parts(self._site, data["words"])},
            at=at,
        )

    async def to_report(self, _request: Request) -> Response:
        """Send on to the report's folder, against which its links are read."""
        return RedirectResponse("/report/", 303)

    def _found(self, request: Request) -> Issue:
        given = request.path_params
        address = f"/{given['owner']}/{given['name']}/issues/{given['number']}"
        found = self._site.issue(f"https://github.com{address}")
        if found is None:
            raise HTTPException(404)
        return found

    def page(
        self,
        request: Request,
        rater: str,
        name: str,
        data: Mapping[str, Any],
        more: Callable[[], Mapping[str, Any]] = dict,
        *,
        at: str = "",
    ) -> Response:
        """Answer a page, or its JSON twin; `more` is what only the template needs."""
        if wants_json(request.scope):
            return JSONResponse(data)
        steps = [(step.value, NAMES[step]) for step in known_steps(self._site, rater)]
        frame = {
            "data": data,
            "page_data": _for_scripts(data, self._site.codebook.address),
            "rater": rater,
            "study": self._site.folder.design.study.name,
            "site": self._site.id,
            "steps": steps,
            "at": at,
        }
        return HTMLResponse(templates.render(name, {**frame, **more()}))

    async def send(self, step: Step, what: str, request: Request) -> Response:
        """Record what a page sends; the answer comes once it is on the disk."""
        body, rater = await request.body(), request.scope["rater"]
        return await run_in_threadpool(self._record, step, what, rater, body)

    def _record(self, step: Step, what: str, rater: str, body: bytes) -> Response:
        try:
            sent = read_sent(body)
            check_rater(rater, sent)
            if what == "skip":
                skip(self._site, step, rater, sent)
                return JSONResponse({"skipped": sent.issue, "next": f"/{step.value}"})
            if what == "undo":
                withdrawn = undo(self._site, step, rater, sent)
                back = f"/{step.value}?issue={quote(withdrawn.issue, safe='')}"
                return JSONResponse({"id": withdrawn.id, "at": withdrawn.at, "next": back})
            recorded = save(self._site, step, rater, sent)
        except NotSavedError as error:
            said = {"error": str(error), "key_taken": error.key_taken, "reload": error.reload}
            return JSONResponse(said, error.status)
        return JSONResponse({"id": recorded.id, "at": recorded.at, "next": f"/{step.value}"})


def _for_scripts(data: Mapping[str, Any], codebook: str) -> dict[str, Any]:
    """Return what a page's scripts need: all but texts, which the page shows."""
    issue = data.get("issue")
    return {
        **{name: value for name, value in data.items() if name not in ("issue", "ending")},
        "issue": {"url": issue["url"]} if issue else None,
        "codebook_address": codebook,
    }


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    words = {404: "There is no such page.", 405: "This address is not answered that way."}
    return refusal(
        request.scope, error.status_code, words.get(error.status_code, visible(error.detail))
    )


async def _user_error(request: Request, error: Exception) -> Response:
    return refusal(request.scope, 503, str(error))


async def _index_error(request: Request, error: Exception) -> Response:
    # Where decisions cannot be read or written a UserError says so: this can be the index alone.
    assert isinstance(error, sqlite3.Error)
    return refusal(request.scope, 503, index_problem(error))


async def _broken(request: Request, _error: Exception) -> Response:
    return refusal(request.scope, 500, "This page broke; nothing was lost.")
