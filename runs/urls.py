"""The site map: one line per page."""

from django.urls import path

from runs.views import account, capture, export, file, frames, health, run, run_change, run_list, timeline, upload

urlpatterns = [
    path("", run_list.run_list, name="run_list"),
    path("upload/", upload.upload, name="upload"),
    path("runs/<str:key>/", run.run, name="run"),
    path("runs/<str:key>/add/", upload.run_add, name="run_add"),
    path("runs/<str:key>/progress/", run.run_progress, name="run_progress"),
    path("runs/<str:key>/label/", run.run_label, name="run_label"),
    path("runs/<str:key>/reanalyse/", run.run_reanalyse, name="run_reanalyse"),
    path("runs/<str:key>/delete/", run.run_delete, name="run_delete"),
    path("runs/<str:key>/timeline/", timeline.timeline, name="timeline"),
    path("runs/<str:key>/README.md", export.export, name="export"),
    path("runs/<str:key>/files/<int:file_id>/", file.file, name="file"),
    path("runs/<str:key>/files/<int:file_id>/capture/", capture.capture, name="capture"),
    path("runs/<str:key>/files/<int:file_id>/capture/data/", capture.capture_data, name="capture_data"),
    path("runs/<str:key>/files/<int:file_id>/frames/", frames.frames, name="frames"),
    path("runs/<str:key>/files/<int:file_id>/download/", file.file_download, name="file_download"),
    path("runs/<str:key>/files/<int:file_id>/remove/", run_change.file_remove, name="file_remove"),
    path("runs/<str:key>/files/<int:file_id>/kind/", run_change.file_kind, name="file_kind"),
    path("login/", account.login, name="login"),
    path("logout/", account.logout, name="logout"),
    path("theme/", account.theme, name="theme"),
    path("health/", health.health, name="health"),
]
