"""The secret key: made once, kept in the data directory, readable by its owner alone."""

import os
import secrets
from pathlib import Path


def kept_secret(path: Path) -> str | None:
    """The key in the file, made on first use with mode 0600; None where the folder cannot be written (a read-only `analyse`)."""
    for _ in range(2):
        try:
            if kept := path.read_text(encoding="ascii").strip():
                return kept
        except FileNotFoundError:
            pass
        except OSError:
            return None
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            write_private(path, secrets.token_urlsafe(48) + "\n", replace=False)
        except OSError:
            return None
    return None


def write_private(path: Path, content: str, *, replace: bool = True) -> None:
    """Write a file of mode 0600 that is never seen half written; without `replace`, the first of two writers wins."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(content)
        if replace:
            temporary.replace(path)
        elif not path.exists():
            os.link(temporary, path)
    except FileExistsError:
        return
    finally:
        temporary.unlink(missing_ok=True)
