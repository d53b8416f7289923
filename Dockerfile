# One image for web, worker and beat; docker-compose.yml says which one a container is.
FROM python:3.12-slim-bookworm

ENV PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_NO_CACHE_DIR=1 \
    KONSEKI_DATA_DIR=/data

WORKDIR /app
COPY requirements.txt ./
RUN pip install --require-hashes --only-binary :all: -r requirements.txt

RUN useradd --system --uid 10001 --home-dir /data --shell /usr/sbin/nologin konseki \
    && install -d -o konseki -g konseki -m 0700 /data
COPY manage.py LICENSE ./
COPY portal portal
COPY runs runs
COPY templates templates
RUN python -m compileall -q portal runs

USER konseki
VOLUME /data
EXPOSE 8000
CMD ["gunicorn", "portal.wsgi", "--config", "python:portal.web_server", "--bind", "0.0.0.0:8000", "--worker-class", "gthread", "--workers", "2", "--threads", "8", \
     "--timeout", "120", "--no-control-socket", "--worker-tmp-dir", "/dev/shm", "--access-logfile", "-"]
