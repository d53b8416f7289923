"""A proof for people without an account: chosen, previewed and shared by the team, opened by whoever has the link."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from runs.access import reviewable_run, signed_in, visible_run
from runs.addresses import absolute
from runs.analysis.next_capture.script import script_name
from runs.analysis.report import Finding, Report
from runs.services import proofs
from runs.views._proof import MOST_FINDINGS, POLICY, default_findings, proof_page
from runs.views._run_page import run_context
from runs.wording import current_language


@never_cache
@require_safe
def proof(request: HttpRequest, key: str) -> HttpResponse:
    """Choose the findings, save or share the page; the run's links."""
    return _choosing(request, _context(request, key))


def _context(request: HttpRequest, key: str) -> dict[str, Any]:
    context = run_context(request.user, visible_run(request.user, key), "proof")
    if context["report"] is None:
        raise Http404
    return context


def _choosing(request: HttpRequest, context: dict[str, Any], address: str = "") -> HttpResponse:
    report: Report = context["report"]
    chosen = {f.id for f in default_findings(report)}
    context |= {
        "offered": [(f, f.id in chosen) for f in report.findings],
        "days": proofs.LIFETIMES_DAYS,
        "links": list(context["run"].proof_links.defer("body").select_related("created_by")[:50]),
        "address": address,
        "other": "en" if current_language() == "ja" else "ja",
    }
    return render(request, "runs/proof_choose.html", context)


def _chosen(asked: Any, report: Report) -> tuple[list[Finding], str]:
    wanted = set(asked.getlist("finding"))
    chosen = [f for f in report.findings if f.id in wanted]
    findings = chosen[:MOST_FINDINGS] if chosen or "chosen" in asked else default_findings(report)
    lang = asked.get("lang", "")
    return findings, lang if lang in ("en", "ja") else current_language()


@require_safe
def proof_file(request: HttpRequest, key: str) -> HttpResponse:
    """The page as a file; with `?show` to look at."""
    context = _context(request, key)
    findings, lang = _chosen(request.GET, context["report"])
    answer = _guarded(proof_page(context["run"], context["report"], findings, context["zone"], lang))
    if "show" not in request.GET:
        name = script_name(context["report"].run_id).removeprefix("capture-").removesuffix(".sh")
        answer["Content-Disposition"] = f'attachment; filename="proof-{name}-{lang}.html"'
    return answer


@never_cache
@require_POST
def proof_share(request: HttpRequest, key: str) -> HttpResponse:
    """Keep the page as it is now, and show its address, this once."""
    run = reviewable_run(request.user, key)
    context = _context(request, key)
    findings, lang = _chosen(request.POST, context["report"])
    days = request.POST.get("days", "")
    try:
        body = proof_page(run, context["report"], findings, context["zone"], lang)
        _link, secret = proofs.share(
            run, [f.id for f in findings], lang, body, int(days) if days in ("1", "7", "30") else 7, signed_in(request)
        )
    except proofs.TooManyLinks:
        messages.error(request, _("Nothing was shared: this run has too many open links; revoke one first."))
        return redirect("proof", key)
    return _choosing(request, context, absolute(request, reverse("proof_open", args=[secret])))


@require_POST
def proof_revoke(request: HttpRequest, key: str, link_id: int) -> HttpResponse:
    """Let a link open nothing any more."""
    run = reviewable_run(request.user, key)
    if proofs.revoke(run, link_id, signed_in(request)):
        messages.info(request, _("The link opens nothing any more."))
    return redirect("proof", key)


@require_safe
def proof_open(request: HttpRequest, secret: str) -> HttpResponse:
    """What was shared, for whoever has the address. 404 for one that is unknown, expired or revoked, all alike."""
    link = proofs.opened(secret)
    return _guarded(link.body) if link is not None else _guarded(render_to_string("runs/proof_none.html"), 404)


def _guarded(page: str, status: int = 200) -> HttpResponse:
    """The page with nothing allowed but its own style, kept by nobody and told to nobody."""
    answer = HttpResponse(page, content_type="text/html; charset=utf-8", status=status)
    answer["Content-Security-Policy"] = POLICY
    answer["Cache-Control"] = "no-store, private"
    answer["Referrer-Policy"] = "no-referrer"
    answer["X-Robots-Tag"] = "noindex, nofollow"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer
