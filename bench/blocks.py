"""Issues of any length: the blocks of letter 22, again and again under new names."""

from copy import deepcopy
from pathlib import Path

import yaml

__all__ = ["issue_of_blocks"]


def issue_of_blocks(file: Path, count: int) -> str:
    """The issue in `file` as YAML, with `count` blocks: its own in their order, as often as it takes."""
    issue = yaml.load(file.read_text("utf-8"), Loader=yaml.BaseLoader)  # noqa: S506 - makes nothing but text, lists and dicts
    blocks = issue["blocks"]
    # A waiver would be idle in a block that has nothing to waive any more, and is no part of what is measured.
    issue["blocks"] = [
        {key: deepcopy(value) for key, value in blocks[number % len(blocks)].items() if key != "waive"}
        | {"id": f"bloc-{number}"}
        for number in range(count)
    ]
    return yaml.safe_dump(issue, allow_unicode=True, sort_keys=False, width=1000)
