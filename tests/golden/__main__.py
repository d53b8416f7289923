"""`python -m tests.golden` writes the kept reports anew; read the difference before you commit it."""

from tests.analysis.bundles import NAMES
from tests.golden import reports

for name in NAMES:
    for path, text in reports(name).items():
        path.write_text(text, "utf-8")
