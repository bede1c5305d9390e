"""Trying another site file: what people see of it, and the three things they can do with it."""

from __future__ import annotations

from dataclasses import dataclass

from agent.config.trial import Trial
from agent.control.site_trial import SiteTrial
from agent.core.errors import ConfigurationError


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteFileView:
    """The site file, and what is on probation in its place. Times in site seconds."""

    file: str
    data: str  # folder of the store: where a new file is offered
    on_probation: bool
    owner: str = ""
    reason: str = ""
    seconds_left: float | None = None
    crashes: int = 0  # of the agent since the probation began
    over: str = ""  # why it goes back


class SiteDesk:
    """None: this agent was built from no site file (a test bench). Errors are ValueError with the sentence for the person."""

    def __init__(self, trial: SiteTrial | None) -> None:
        self._trial = trial

    def site_file(self) -> SiteFileView:
        found = self._known()
        return _view(found, found.trial)

    async def try_site(self, *, seconds: float, actor: str, reason: str) -> SiteFileView:
        """The file that lies offered in the data folder goes on probation; the agent begins anew with it."""
        found = self._known()
        try:
            return _view(found, await found.begin(seconds=seconds, owner=actor, reason=reason))
        except ConfigurationError as error:
            raise ValueError(str(error)) from error
        except OSError as error:
            raise ValueError(f"the new file cannot be put on probation: {error}") from error

    async def keep_site(self, *, actor: str, reason: str) -> SiteFileView:
        found = self._known()
        try:
            await found.keep(owner=actor, reason=reason)
        except OSError as error:
            raise ValueError(f"{found.present.file} cannot be written: {error}") from error
        return _view(found, None)

    async def take_back_site(self, *, actor: str, reason: str) -> SiteFileView:
        found = self._known()
        return _view(found, await found.back(owner=actor, reason=reason))

    def _known(self) -> SiteTrial:
        if self._trial is None:
            raise ValueError("this agent runs from no site file of its own: nothing can be put on probation")
        return self._trial


def _view(found: SiteTrial, trial: Trial | None) -> SiteFileView:
    file, folder = str(found.present.file.absolute()), str(found.present.folder.absolute())
    if trial is None:
        return SiteFileView(file=file, data=folder, on_probation=False)
    return SiteFileView(
        file=file,
        data=folder,
        on_probation=not trial.over,
        owner=trial.owner,
        reason=trial.reason,
        seconds_left=None if trial.over else found.left(trial),
        crashes=trial.crashes,
        over=trial.over,
    )
