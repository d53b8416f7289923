#!/bin/sh
# `make test`: finds or installs a browser, runs the database tests on PostgreSQL where one is installed, then everything.
# BROWSER=none leaves the browser tests out; CHROMIUM=/path/to/chrome names a browser; PYTEST_ARGS adds options.
set -eu
BIN=${BIN:-.venv/bin}

find_chromium() {
  for name in "${CHROMIUM:-}" chromium chromium-browser google-chrome google-chrome-stable \
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome" "$HOME"/.cache/ms-playwright/chromium-*/chrome-linux*/chrome; do
    [ -n "$name" ] && command -v "$name" 2>/dev/null && return 0
  done
  return 1
}

can_install() {
  [ "$(id -u)" = 0 ] && [ -e /etc/debian_version ] && command -v apt-get >/dev/null
}

install() {
  echo "Installing $* (root on Debian) …"
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

if [ "${BROWSER:-}" != none ]; then
  if ! found=$(find_chromium) && can_install; then
    install chromium fonts-noto-cjk || true
    found=$(find_chromium) || true
  fi
  if [ -z "${found:-}" ]; then
    echo "The browser tests need Chromium. Install it (Debian: apt-get install chromium fonts-noto-cjk; elsewhere: $BIN/playwright install chromium)," >&2
    echo "name one by CHROMIUM=/path/to/chrome, or leave the browser tests out: BROWSER=none make test" >&2
    exit 1
  fi
  if command -v fc-list >/dev/null && [ -z "$(fc-list :lang=ja)" ]; then
    { can_install && install fonts-noto-cjk; } || echo "No Japanese font (Debian: fonts-noto-cjk): Japanese pages will show boxes."
  fi
  CHROMIUM=$found
  export CHROMIUM
fi

echo "Compiling what large captures need (once; half a minute) …"
"$BIN/python" -m portal.warm

if "$BIN/python" -m tests.postgres --installed; then
  echo "The database tests on PostgreSQL:"
  # shellcheck disable=SC2086
  "$BIN/python" -m tests.postgres "$BIN/python" -m pytest -n 2 -m "not browser and not stack" tests/models tests/services tests/tasks tests/web ${PYTEST_ARGS:-}
else
  echo "No PostgreSQL server is installed here: the database tests run on SQLite alone."
fi

echo "All tests:"
# shellcheck disable=SC2086
exec "$BIN/python" -m pytest -n 2 --dist loadgroup --durations 8 ${PYTEST_ARGS:-}
