"""The site map: one line per page."""

from django.urls import path

from runs.views import (
    account,
    capture,
    conversation,
    export,
    file,
    frame,
    frames,
    health,
    run,
    run_change,
    run_list,
    timeline,
    upload,
)

urlpatterns = [
    path("", run_list.run_list, name="run_list"),
    path("upload/", upload.upload, name="upload"),
    path("runs/<slug:key>/", run.run, name="run"),
    path("runs/<slug:key>/add/", upload.run_add, name="run_add"),
    path("runs/<slug:key>/progress/", run.run_progress, name="run_progress"),
    path("runs/<slug:key>/label/", run.run_label, name="run_label"),
    path("runs/<slug:key>/reanalyse/", run.run_reanalyse, name="run_reanalyse"),
    path("runs/<slug:key>/delete/", run.run_delete, name="run_delete"),
    path("runs/<slug:key>/timeline/", timeline.timeline, name="timeline"),
    path("runs/<slug:key>/timeline/timeline.txt", timeline.timeline_text, name="timeline_text"),
    path("runs/<slug:key>/timeline/marks/", timeline.timeline_mark, name="timeline_mark"),
    path("runs/<slug:key>/timeline/marks/<int:mark_id>/remove/", timeline.timeline_unmark, name="timeline_unmark"),
    path("runs/<slug:key>/README.md", export.export, name="export"),
    path("runs/<slug:key>/files/<int:file_id>/", file.file, name="file"),
    path("runs/<slug:key>/files/<int:file_id>/capture/", capture.capture, name="capture"),
    path("runs/<slug:key>/files/<int:file_id>/capture/data/", capture.capture_data, name="capture_data"),
    path("runs/<slug:key>/files/<int:file_id>/frames/", frames.frames, name="frames"),
    path("runs/<slug:key>/files/<int:file_id>/frames/<int:number>/", frame.frame, name="frame"),
    path("runs/<slug:key>/files/<int:file_id>/conversations/<int:row>/", conversation.conversation, name="conversation"),
    path(
        "runs/<slug:key>/files/<int:file_id>/conversations/<int:row>/stream/",
        conversation.conversation_stream,
        name="conversation_stream",
    ),
    path(
        "runs/<slug:key>/files/<int:file_id>/conversations/<int:row>/conversation.pcap",
        conversation.conversation_pcap,
        name="conversation_pcap",
    ),
    path("runs/<slug:key>/files/<int:file_id>/download/", file.file_download, name="file_download"),
    path("runs/<slug:key>/files/<int:file_id>/remove/", run_change.file_remove, name="file_remove"),
    path("runs/<slug:key>/files/<int:file_id>/clock/", run_change.file_clock, name="file_clock"),
    path("runs/<slug:key>/files/<int:file_id>/kind/", run_change.file_kind, name="file_kind"),
    path("login/", account.login, name="login"),
    path("logout/", account.logout, name="logout"),
    path("theme/", account.theme, name="theme"),
    path("health/", health.health, name="health"),
]
