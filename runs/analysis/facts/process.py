"""Processes and what identifies them."""

from typing import ClassVar

from runs.analysis.facts.base import Fact
from runs.analysis.messages import Message, message


class ProcessIds(Fact, frozen=True, kw_only=True):
    """A pid file."""

    evidence_name: ClassVar[Message] = message("evidence.process_ids", en="a pid file", ja="PID ファイル")

    pids: tuple[int, ...]
    lines: tuple[int, ...]
