"""What evidence says, in columns: sentences (`messages.Text`) and plain text, so that no byte of it can upset a database."""

import json
import re
from typing import TYPE_CHECKING, Any

import msgspec
from django.db import models

from runs.analysis.messages import Text

if TYPE_CHECKING:
    _TextField = models.TextField[Text | None, Text | None]
    _EvidenceChar = models.CharField[str, str]
    _EvidenceText = models.TextField[str, str]
else:
    _TextField = _EvidenceText = models.TextField
    _EvidenceChar = models.CharField

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def storable(text: str) -> str:
    """The text with U+FFFD for what databases refuse: NUL (PostgreSQL) and lone surrogates (both). Its length stays."""
    return _UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", text)


class EvidenceCharField(_EvidenceChar):
    """A CharField for text that comes from evidence: written and looked up as `storable` text."""

    def get_prep_value(self, value: Any) -> Any:
        value = super().get_prep_value(value)
        return storable(value) if isinstance(value, str) else value


class EvidenceTextField(_EvidenceText):
    """A TextField for text that comes from evidence: written and looked up as `storable` text."""

    def get_prep_value(self, value: Any) -> Any:
        value = super().get_prep_value(value)
        return storable(value) if isinstance(value, str) else value


class SentenceField(_TextField):
    """Holds a `Text` (id and parameters, in no language) or None. Not to be searched by content.

    ASCII JSON in a text column rather than a JSON column: PostgreSQL's jsonb refuses NUL and lone surrogates, and both
    stand in hostile evidence.
    """

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> Text | None:
        return self.to_python(value)

    def to_python(self, value: Any) -> Text | None:
        if value is None or value == "":
            return None
        if isinstance(value, Text):
            return value
        raw = json.loads(value) if isinstance(value, str) else value
        return Text(raw["id"], raw["params"])

    def get_prep_value(self, value: Any) -> str | None:
        if value is None:
            return None
        return json.dumps(msgspec.to_builtins(value), ensure_ascii=True, separators=(",", ":"))

    def value_to_string(self, obj: models.Model) -> str:
        return self.get_prep_value(self.value_from_object(obj)) or ""
