"""The application: which address is answered by what."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final
from urllib.parse import quote

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from firstmile.errors import UserError
from firstmile.rendering.inert import visible
from firstmile.study.decisions import Step
from firstmile.ui.web import templates
from firstmile.ui.web.codebook import codebook_bytes
from firstmile.ui.web.guard import Doors, Guard, refusal, wants_json
from firstmile.ui.web.rating import NAMES, known_steps, rating_data, reading
from firstmile.ui.web.saving import NotSavedError, read_sent, save, skip, undo
from firstmile.ui.web.site import Site

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
    app = Starlette(
        routes=routes,
        exception_handlers={
            HTTPException: _http_error,
            UserError: _user_error,
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
        design = site.folder.design
        self._codebook = codebook_bytes(site.folder.taxonomy, design.study.ecosystem)

    def answered(self, page: Page) -> Callable[[Request], Any]:
        """Return an endpoint that calls a page with its rater."""

        async def answer(request: Request) -> Response:
            return await run_in_threadpool(page, request, request.scope["rater"])

        return answer

    async def enter(self, request: Request) -> Response:
        """Exchange a token for a cookie, and go on to the plain address."""
        token = request.query_params.get("token", "")
        if self._doors.rater_of(token) is None:
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
            token,
            httponly=True,
            samesite="strict",
            secure=self._doors.is_secure,
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

    async def codebook(self, _request: Request) -> Response:
        """Answer the codebook."""
        return Response(
            self._codebook[1], media_type="application/json", headers={"cache-control": FOREVER}
        )

    async def nothing(self, _request: Request) -> Response:
        """Answer that there is nothing, such as an icon."""
        return Response(status_code=204)

    def rate(self, step: Step, request: Request, rater: str) -> Response:
        """Answer the page of a step that raters decide in."""
        site = self._site
        site.refresh()
        if rater not in site.queues.raters(step):
            return refusal(
                request.scope, 403, f"{rater} has no part in this step: see the study.toml."
            )
        wanted = request.query_params.get("issue")
        if wanted is not None and not site.queues.is_open(step, rater, wanted):
            return refusal(request.scope, 404, "This issue is not open in this step.")
        data = rating_data(site, step, rater, wanted)
        name = "screen.html.j2" if "reasons" in data else "label.html.j2"
        return self.page(request, rater, name, data, lambda: reading(site, data), at=step.value)

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
            "page_data": _for_scripts(data, f"/codebook/{self._codebook[0]}.json"),
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
            if what == "skip":
                skip(self._site, step, rater, sent)
                return JSONResponse({"skipped": sent.issue, "next": f"/{step.value}"})
            if what == "undo":
                withdrawn = undo(self._site, step, rater, sent)
                back = f"/{step.value}?issue={quote(withdrawn.issue, safe='')}"
                return JSONResponse({"id": withdrawn.id, "at": withdrawn.at, "next": back})
            recorded = save(self._site, step, rater, sent)
        except NotSavedError as error:
            return JSONResponse({"error": str(error)}, error.status)
        return JSONResponse({"id": recorded.id, "at": recorded.at, "next": f"/{step.value}"})


def _for_scripts(data: Mapping[str, Any], codebook: str) -> dict[str, Any]:
    """Return what a page's scripts need: all but the issue's text, which the page shows."""
    issue = data.get("issue")
    return {
        **{name: value for name, value in data.items() if name != "issue"},
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


async def _broken(request: Request, _error: Exception) -> Response:
    return refusal(request.scope, 500, "This page broke; nothing was lost.")
