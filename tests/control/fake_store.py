"""A store in memory: what the control room asks of it, and a disk that can be made to refuse."""

from agent.core.errors import PlantroomError


class DiskRefusesError(PlantroomError):
    pass


class FakeStore:
    def __init__(self):
        self.kept: dict[str, dict] = {}
        self.blocks = []
        self.records = []
        self.refuses = False
        self.state = "ok"

    async def put(self, kind, key, value):
        if self.refuses:
            raise DiskRefusesError("disk full")
        self.put_soon(kind, key, value)

    def put_soon(self, kind, key, value):
        if value is None:
            self.kept.get(kind, {}).pop(key, None)
        else:
            self.kept.setdefault(kind, {})[key] = value

    async def delete(self, kind, key):
        self.kept.get(kind, {}).pop(key, None)

    def documents(self, kind):
        return dict(self.kept.get(kind, {}))

    def append(self, block):
        self.blocks.append(block)
        return len(self.blocks)

    def audit(self, record):
        self.records.append(record)

    def status(self):
        return {"state": self.state, "error": "", "quarantined": None, "backlog": {}}
