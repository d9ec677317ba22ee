"""A study's model rater at work: what is to be labelled, what it will cost, and the labelling."""

import contextlib
import hashlib
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from firstmile.errors import UserError
from firstmile.redaction import redact
from firstmile.study.codebook_use import note_use
from firstmile.study.decisions import Decisions, Step
from firstmile.study.design import Rater, RaterKind
from firstmile.study.folder import DECISIONS, StudyFolder
from firstmile.study.issues import Issue
from firstmile.study.ledger import Ledger
from firstmile.study.model_rater import (
    CostPlan,
    ModelRun,
    Prompt,
    label_with_model,
    make_prompt,
    open_endpoint,
    plan,
    spent,
)
from firstmile.study.model_rater.cost import MODEL_RATED, prices_of
from firstmile.study.model_rater.prompt import readable
from firstmile.study.queues import Queues
from firstmile.study.reading.quoting import quoted


class ModelLabelling:
    """One model rater's work on a study: the issues it has not labelled, in its queue's order."""

    def __init__(self, folder: StudyFolder, decisions: Decisions, name: str) -> None:
        self._folder, self._decisions = folder, decisions
        self.rater: Rater = folder.design.rater(name)
        if self.rater.kind is not RaterKind.MODEL:
            raise UserError(
                f"{quoted(name)} is a person: firstmile serve gives them a link to label with."
            )
        if name not in folder.design.labellers():
            raise UserError(
                f"{quoted(name)} is not among the raters that label, by [label] raters in the "
                "study.toml."
            )
        self._prices = prices_of(self.rater)
        self._prompt: Prompt = make_prompt(folder.taxonomy, ecosystem=folder.design.study.ecosystem)
        self._urls, self._round = self._waiting()

    def _waiting(self) -> tuple[Sequence[str], int]:
        ledger = Ledger(self._folder.path / DECISIONS)
        try:
            queues = Queues(self._folder, ledger)
            ledger.catch_up()
            queues.refresh()
            done = {one.issue for one in self._decisions.current(Step.LABEL, rater=self.rater.name)}
            # A label of an issue whose labels were compared would be refused on the page, too.
            closed = done | ledger.opened
            pool = [url for url in queues.pool(Step.LABEL) if url not in closed]
            return pool, queues.round()
        finally:
            ledger.close()

    def __len__(self) -> int:
        return len(self._urls)

    def issues(self) -> Iterator[Issue]:
        """Yield the issues that wait for this rater."""
        for url in self._urls:
            issue = self._folder.store.issue(url)
            if issue is not None:
                yield issue

    def plan(self) -> CostPlan:
        """Say what labelling all of them will cost."""
        already = spent(self._decisions.events(MODEL_RATED), self.rater.name)
        texts = (readable(issue.thread, _redacted) for issue in self.issues())
        return plan(self._prompt, texts, self._prices, already=already)

    def label(
        self, *, now: Callable[[], datetime], progress: Callable[[int], None] = lambda _n: None
    ) -> ModelRun:
        """Label them, each recorded once it and those before it are answered.

        Raises UserError where the endpoint fails for good, and where another process labels for
        this rater: both would pay for the same issues, and neither see what the other spends.
        """
        with self._alone():
            self._urls, self._round = self._waiting()
            return self._label(now=now, progress=progress)

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        from filelock import FileLock, Timeout

        name = hashlib.sha256(self.rater.name.encode()).hexdigest()[:16]
        try:
            with FileLock(self._folder.path / f".model-{name}.lock", timeout=0):
                yield
        except Timeout as error:
            raise UserError(
                f"Another process labels for the rater {quoted(self.rater.name)}: wait until it "
                "has ended."
            ) from error

    def _label(self, *, now: Callable[[], datetime], progress: Callable[[int], None]) -> ModelRun:
        note_use(self._folder, self._decisions, at=now())
        rater, done = self.rater, 0

        def count(_record: object) -> None:
            nonlocal done
            done += 1
            progress(done)

        with open_endpoint(
            rater.endpoint,
            model=rater.model,
            key_variable=rater.key_variable,
            temperature=rater.temperature,
        ) as endpoint:
            return label_with_model(
                self._decisions,
                self.issues(),
                endpoint,
                rater=rater.name,
                prompt=self._prompt,
                prices=self._prices,
                redact=_redacted,
                now=lambda: now().strftime("%Y-%m-%dT%H:%M:%SZ"),
                codebook=self._folder.taxonomy.version,
                pilot_round=self._round,
                progress=count,
            )


def _redacted(text: str) -> str:
    return redact(text).text
