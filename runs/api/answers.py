"""The shapes of the API's answers."""

from ninja import Field, Schema


class RunOut(Schema):
    """A run, and how far its analysis is."""

    key: str = Field(description="names the run in addresses")
    label: str = Field(description="the RUN_ID")
    team: str = Field(description="slug of its team")
    state: str = Field(description="receiving, queued, analysing, concluded or failed")
    files_total: int
    files_done: int
    outcome: str | None = Field(description="of the verdict: fail, pass or not_evaluable; null before the first conclusion")
    created_at: str = Field(description="RFC 3339, UTC")
    page: str = Field(description="address of its page")
    report: str = Field(description="address of its report")


class Taken(Schema):
    """A run that was made, and what is to be said of its files."""

    run: RunOut
    notes: list[str]


class RunList(Schema):
    """A page of runs, newest first."""

    runs: list[RunOut]
    next: str | None = Field(description="value of `before` for the next page; null at the end")


class Problem(Schema):
    """Why nothing was done."""

    error: str
    reasons: list[str] = []
