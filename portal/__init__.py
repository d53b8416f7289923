"""The Django project: settings, site map, Celery application and the supervisor that runs them."""
