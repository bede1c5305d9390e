"""The release program when its own book-keeping fails: the equipment is given back and people are told so."""

from types import SimpleNamespace

import agent.release
from agent.control.giving_back import Returned
from agent.core.errors import StoreError


def test_a_disk_that_refuses_does_not_hide_what_was_given_back(monkeypatch, tmp_path, caplog):
    site = SimpleNamespace(store=SimpleNamespace(path=str(tmp_path / "store.db")), areas={})
    rows = [Returned("ch1.enable", True, ok=True), Returned("ch2.enable", True, ok=False, error="no answer")]

    def refuses(*_):
        raise StoreError("disk full")

    monkeypatch.setattr(agent.release, "find_catalogue", lambda: None)
    monkeypatch.setattr(agent.release, "load_site", lambda *_: site)
    monkeypatch.setattr(agent.release, "_release", lambda *_: rows)
    monkeypatch.setattr(agent.release, "write_document", refuses)
    told = agent.release.release_alone(tmp_path / "site.yaml")
    assert [(row["point"], row["ok"]) for row in told] == [("ch1.enable", True), ("ch2.enable", False)]
    assert "disk full" in caplog.text
