"""Receives a form with files: relative paths are kept, bytes go straight to disk and are hashed on the way, memory stays small.

Django's own parser strips the folders of a name, and its handlers know no budget. Here a crossed limit stops the writing, not the
reading: the browser gets an answer it can show, and the fields of the form (its token among them) stay whole.
"""

import errno
import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, cast

from django.conf import settings
from django.core.exceptions import BadRequest, SuspiciousOperation, TooManyFilesSent
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest, UnreadablePostError
from django.http.multipartparser import MultiPartParser, MultiPartParserError

from runs.analysis.bundle.limits import TOO_MANY, TOTAL_TOO_LARGE, Limits
from runs.analysis.messages import Text, message
from runs.services import objects
from runs.services.intake import NO_SPACE, Arrived

CHUNK_BYTES = 256 << 10
DRAIN_BYTES = 1 << 30  # read and thrown away after a refusal, so that the browser hears the answer

BROKEN_FORM = message(
    "upload.broken_form", en="The upload could not be read; send it again.", ja="送信内容を読み取れない。もう一度送る。"
)
INTERRUPTED = message(
    "upload.interrupted",
    en="The upload ended in the middle; nothing was taken.",
    ja="送信が途中で終わったため、何も取り込まなかった。",
)

_ESCAPED = re.compile(r"%(22|0D|0A)")


@dataclass
class Upload:
    """The files of one request, whole, in temporary files; or why they cannot be taken. `form_is_whole`: its fields were read."""

    files: list[Arrived] = field(default_factory=list)
    problem: Text | None = None
    form_is_whole: bool = True


class _PathParser(MultiPartParser):
    """Django's parser, with names as they were sent: whoever uses them judges them (`runs.analysis.bundle.names`)."""

    def sanitize_file_name(self, file_name: str) -> str:
        # the three escapes that browsers write (WHATWG HTML, multipart/form-data encoding)
        return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), file_name)


class _Handler(FileUploadHandler):
    """Writes each file to a temporary one, until the upload is larger than it may be."""

    chunk_size = CHUNK_BYTES

    def __init__(self, request: HttpRequest, limits: Limits, upload: Upload) -> None:
        super().__init__(request)
        self._limits, self._upload = limits, upload
        self._left_bytes = limits.max_total_bytes
        self._out: IO[bytes] | None = None
        self._path: Path | None = None
        self.temporaries: list[Path] = []

    def new_file(self, field_name: str, file_name: str, *args: Any, **kwargs: Any) -> None:
        super().new_file(field_name, file_name, *args, **kwargs)
        self._digest, self._name = hashlib.sha256(), file_name
        if self._upload.problem is None:
            with self._room():
                self._path = objects.new_temporary()
                self.temporaries.append(self._path)
                self._out = self._path.open("xb")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        self._left_bytes -= len(raw_data)
        if self._left_bytes < 0:
            self._give_up(TOTAL_TOO_LARGE(most=self._limits.max_total_bytes))
        if self._out is not None:
            with self._room():
                self._out.write(raw_data)
            self._digest.update(raw_data)
        return None

    def file_complete(self, file_size: int) -> None:
        if self._out is not None and self._path is not None:
            with self._room():
                self._out.close()
            self._out = None
            if self._upload.problem is None:
                self._upload.files.append(Arrived(self._name, self._path, self._digest.hexdigest(), file_size))

    def upload_interrupted(self) -> None:
        self._give_up(INTERRUPTED())

    def close(self) -> None:
        """Remove what was written and nobody took."""
        if self._out is not None:
            with suppress(OSError):  # what a full disk did not take is thrown away anyway
                self._out.close()
            self._out = None
        for path in self.temporaries:
            path.unlink(missing_ok=True)
        self.temporaries.clear()

    @contextmanager
    def _room(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            if error.errno not in (errno.ENOSPC, errno.EDQUOT):
                raise
            self._give_up(NO_SPACE())

    def _give_up(self, why: Text) -> None:
        self._upload.problem = self._upload.problem or why
        self._upload.files.clear()
        self.close()


@contextmanager
def received(request: HttpRequest) -> Iterator[Upload]:
    """Read the request's body; afterwards no temporary file is left. To be used before anything reads `request.POST`."""
    limits, upload = cast(Limits, settings.UPLOAD_LIMITS), Upload()
    handler = _Handler(request, limits, upload)

    def parse(meta: dict[str, Any], body: Any) -> Any:
        return _PathParser(meta, body, [handler], request.encoding).parse()

    request.parse_file_upload = parse  # type: ignore[method-assign, assignment]
    try:
        try:
            len(request.POST)
        except (SuspiciousOperation, BadRequest, MultiPartParserError, UnreadablePostError) as error:
            handler.upload_interrupted()
            upload.form_is_whole = False
            upload.problem = TOO_MANY(most=limits.max_files) if isinstance(error, TooManyFilesSent) else BROKEN_FORM()
            _drain(request)
        yield upload
    finally:
        handler.close()


def _drain(request: HttpRequest) -> None:
    left_bytes = DRAIN_BYTES
    with suppress(OSError):  # the sender is gone
        while left_bytes > 0 and (chunk := cast(Any, request).read(CHUNK_BYTES)):
            left_bytes -= len(chunk)
