"""Every setting is documented once, checked with a clear line, and passed on by docker-compose under its own name."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from django.conf import settings

from portal import environment
from portal.checks import settings_are_sound
from runs.analysis.bundle.limits import Limits

ROW = re.compile(r"^\| `([A-Z][A-Z0-9_]+)` \| (.+?) \|", re.MULTILINE)
OF_ONE_MACHINE = {"PORT", "KONSEKI_DEBUG", "KONSEKI_DATA_DIR", "KONSEKI_CACHE_DIR"}
COMPOSE_OWN = {"POSTGRES_PASSWORD", "POSTGRES_USER", "POSTGRES_DB", "REDIS_PASSWORD"}


def test_documented_once_each(project: Path) -> None:
    rows = ROW.findall((project / "docs" / "configuration.md").read_text(encoding="utf-8"))
    assert sorted(name for name, _ in rows) == sorted(environment.DECLARED)


def test_documented_defaults_are_the_defaults(project: Path) -> None:
    for name, default in ROW.findall((project / "docs" / "configuration.md").read_text(encoding="utf-8")):
        if (value := re.fullmatch(r"`([^`]+)`", default)) and environment.DECLARED[name].default:
            assert value[1] == environment.DECLARED[name].default, name


def test_readme_names_only_real_ones(project: Path) -> None:
    named = {name for name, _ in ROW.findall((project / "README.md").read_text(encoding="utf-8"))}
    assert named
    assert named <= environment.DECLARED.keys()


def test_limits_of_service_and_command_line_are_the_same() -> None:
    assert Limits() == settings.UPLOAD_LIMITS


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("KONSEKI_MAX_FILE_BYTES", "much", "is not a size such as 2G"),
        ("KONSEKI_MAX_FILE_BYTES", "0", "is not a size such as 2G"),
        ("KONSEKI_MAX_FILES", "-3", "is not a whole number of at least 1"),
        ("KONSEKI_DEBUG", "maybe", "is neither yes nor no"),
        ("KONSEKI_TIME_ZONE", "Mars/Olympus", "there is no zone 'Mars/Olympus'"),
        ("KONSEKI_URL", "konseki.example.org", "is not an address such as https://"),
        ("DATABASE_URL", "mysql://here/db", "not a URL of the form postgresql://"),
        ("DATABASE_URL", "postgresql://host:port/db", "not a URL of the form postgresql://"),
        ("REDIS_URL", "http://here", "not a URL of the form redis://"),
        ("PORT", "http", "is not a whole number"),
        ("KONSEKI_MAIL_URL", "mail.example.org", "not a URL of the form smtp://"),
        ("KONSEKI_MAIL_URL", "smtp://mail.example.org?tls=maybe", "not a URL of the form smtp://"),
        ("KONSEKI_MAIL_FROM", "nobody", "not an address such as"),
        ("KONSEKI_DIGEST_HOUR", "24", "a day has the hours 0 to 23"),
        ("KONSEKI_WEBHOOK_HOSTS", "hooks.example.org/services", "is not a place such as"),
        ("KONSEKI_WEBHOOK_HOSTS", "ftp://hooks.example.org", "is not a place such as"),
        ("KONSEKI_WEBHOOK_NETWORKS", "10.0.0.1/8", "is not a network such as"),
        ("KONSEKI_LOG_LEVEL", "LOUD", "is none of DEBUG, INFO, WARNING, ERROR"),
    ],
)
def test_a_bad_value_is_one_clear_line(project: Path, tmp_path: Path, name: str, value: str, said: str) -> None:
    given = {**os.environ, "DJANGO_SETTINGS_MODULE": "portal.settings", "KONSEKI_DATA_DIR": str(tmp_path), name: value}
    code = "import django; django.setup(); from portal.checks import settings_are_sound as s; print([str(m) for m in s(None)])"
    done = subprocess.run([sys.executable, "-c", code], cwd=project, env=given, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert name in done.stdout
    assert said in done.stdout


def test_sound_settings_say_nothing() -> None:
    assert settings_are_sound(None) == []


def test_sizes_and_databases_are_read_as_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environment, "DECLARED", {})
    for written, meant in (("512M", 512 << 20), ("2GiB", 2 << 30), ("1048576", 1 << 20), ("1t", 1 << 40)):
        monkeypatch.setenv("A_SIZE", written)
        assert environment.size("A_SIZE", "1", "") == meant
    monkeypatch.setenv("A_DATABASE", "postgresql://me:p%40ss@db:6432/name?sslmode=require")
    found = environment.database("A_DATABASE", Path("unused"), "")
    assert [found[key] for key in ("USER", "PASSWORD", "HOST", "PORT", "NAME")] == ["me", "p@ss", "db", "6432", "name"]
    assert found["OPTIONS"] == {"sslmode": "require"}


def test_mail_servers_and_places_are_read_as_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environment, "DECLARED", {})
    for written, port, starttls, tls in (
        ("smtp://me:p%40ss@mail", 587, True, False),
        ("smtp://mail:25?tls=no", 25, False, False),
        ("smtps://mail", 465, False, True),
    ):
        monkeypatch.setenv("A_MAIL", written)
        found = environment.mail("A_MAIL", "")
        assert found["EMAIL_BACKEND"].endswith("smtp.EmailBackend")
        assert [found[key] for key in ("EMAIL_PORT", "EMAIL_USE_TLS", "EMAIL_USE_SSL")] == [port, starttls, tls]
    monkeypatch.setenv("SOME_PLACES", "Hooks.example.org, https://a:443,http://[::1]:9000/")
    assert environment.origins("SOME_PLACES", "") == {"https://hooks.example.org", "https://a", "http://[::1]:9000"}


def compose(project: Path):
    return yaml.safe_load((project / "docker-compose.yml").read_text(encoding="utf-8"))


def test_compose_passes_settings_by_their_names(project: Path) -> None:
    for name, service in compose(project)["services"].items():
        unknown = service.get("environment", {}).keys() - environment.DECLARED.keys() - COMPOSE_OWN
        assert not unknown, f"{name}: {unknown}"
    passed_on = compose(project)["services"]["worker"]["environment"].keys()
    assert environment.DECLARED.keys() - passed_on == OF_ONE_MACHINE
    asked = set(re.findall(r"\$\{([A-Z0-9_]+)", (project / "docker-compose.yml").read_text(encoding="utf-8")))
    assert asked <= environment.DECLARED.keys() | COMPOSE_OWN


def test_compose_services_are_whole(project: Path) -> None:
    file = compose(project)
    services = file["services"]
    assert {"web", "worker", "beat", "redis", "postgres"} <= services.keys()
    known = {
        "build", "image", "restart", "init", "read_only", "tmpfs", "cap_drop", "security_opt", "environment", "volumes", "command",
        "depends_on", "ports", "healthcheck", "stop_grace_period",
    }  # fmt: skip
    for name, service in services.items():
        assert service.keys() <= known, name
        assert all(other in services for other in service.get("depends_on", {})), name
        assert all(each.split(":")[0] in file["volumes"] for each in service.get("volumes", ())), name
        for other, wait in service.get("depends_on", {}).items():
            assert wait["condition"] != "service_healthy" or "healthcheck" in services[other], f"{name} waits for {other}"
    for name in ("web", "redis", "postgres", "worker"):
        assert "healthcheck" in services[name], name
    assert services["web"]["ports"][0].startswith("127.0.0.1:")


def test_image_installs_the_lock_and_drops_root(project: Path) -> None:
    lines = (project / "Dockerfile").read_text(encoding="utf-8").splitlines()
    assert any("--require-hashes" in line and "requirements.txt" in line for line in lines)
    assert any(line.startswith("USER ") and "root" not in line for line in lines)
    copied = [word for line in lines if line.startswith("COPY") for word in line.split()[1:-1]]
    assert all((project / name).exists() for name in copied), copied
    kept_out = (project / ".dockerignore").read_text(encoding="utf-8").split()
    assert {"var", ".git", ".venv", ".env"} <= set(kept_out)
