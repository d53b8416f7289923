"""Secrets that lie in evidence: where, never what."""

from typing import ClassVar

from runs.analysis.facts.base import Fact
from runs.analysis.messages import Message, message


class ExposedSecrets(Fact, frozen=True, kw_only=True):
    """Lines of a text that hold a credential, password, key or token. Values are masked wherever the text is shown."""

    evidence_name: ClassVar[Message] = message("evidence.exposed_secrets", en="texts", ja="テキスト")

    lines: tuple[int, ...]  # the first 50; empty: the text was searched and none was found
    more: bool = False  # the search ended before the text did
