"""The JSON schema of a device profile, for editors and third parties: `python -m agent.config.profile_schema <file>`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from agent.config.profile_shape import ProfileShape


def profile_schema() -> str:
    """The text of drivers/profiles/schema.json."""
    schema: dict[str, Any] = ProfileShape.model_json_schema()
    line = schema["$defs"]["PointLine"]
    schema["properties"]["defaults"] = {
        "description": "Filled into every point line",
        "type": "object",
        "properties": line["properties"],
        "additionalProperties": False,
    }
    return json.dumps(schema, indent=1, sort_keys=True) + "\n"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(profile_schema(), encoding="utf-8")
