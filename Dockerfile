# The CMS and its worker: `docker build --tag toolshelf .`; compose.yaml runs it with all that it needs (docs/install.md), and
# .env.example explains the variables. The front end is a program of its own (frontend/Dockerfile).

FROM python:3.13-slim-trixie AS builder

ENV UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_PYTHON_DOWNLOADS=never
WORKDIR /app

# Packages first: they change less often than our code, and the layer is kept. Every file is compared with its hash.
COPY cms/uv.txt cms/
RUN pip install --no-cache-dir --require-hashes --requirement cms/uv.txt
COPY pyproject.toml uv.lock ./
RUN --mount=type=cache,target=/root/.cache/uv uv sync --frozen --no-dev --all-extras

COPY manage.py ./
COPY cms cms
COPY api api
COPY content content
# Production settings refuse to start without these; nothing of them remains in the image.
RUN .venv/bin/python -m compileall -q manage.py cms api content \
    && SECRET_KEY=build DATABASE_URL=sqlite://:memory: ALLOWED_HOSTS=build CMS_URL=https://build FRONTEND_URL=https://build \
    STATIC_ROOT=/app/static DJANGO_SETTINGS_MODULE=cms.settings.production \
    .venv/bin/python manage.py collectstatic --no-input


FROM python:3.13-slim-trixie

# Backups are made by PostgreSQL's own programs, which must not be older than the server. What Debian mends comes with each build.
# hadolint ignore=DL3008
RUN apt-get update && apt-get install --yes --no-install-recommends ca-certificates postgresql-common \
    && /usr/share/postgresql-common/pgdg/apt.postgresql.org.sh -y \
    && apt-get install --yes --no-install-recommends postgresql-client-18 && rm -rf /var/lib/apt/lists/*
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin toolshelf \
    && install --directory --owner toolshelf /media /private
WORKDIR /app
COPY --from=builder /app /app

# PRIVATE_MEDIA_ROOT is a folder and no secret.
# hadolint ignore=DL3064
ENV PATH=/app/.venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    DJANGO_SETTINGS_MODULE=cms.settings.production \
    STATIC_ROOT=/app/static \
    MEDIA_ROOT=/media \
    PRIVATE_MEDIA_ROOT=/private \
    VAR_DIR=/tmp \
    PORT=8000
# By its number, so that whoever runs it can tell that it is not root. The root file system may be read-only: written are the two
# folders below, /tmp and /dev/shm.
USER 10001:10001
# A web server serves the first and never the second, which holds what is in restricted collections.
VOLUME /media /private
EXPOSE 8000

HEALTHCHECK --interval=10s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen(f'http://127.0.0.1:{os.environ[\"PORT\"]}/livez', timeout=4)"]

# Before the first start, and with each new release: docker run … toolshelf python manage.py migrate
# After an upgrade that changed what is public, of which `migrate` warns: docker run … toolshelf python manage.py rebuild_documents
# Beside it, one or more: docker run --no-healthcheck … toolshelf python manage.py worker
CMD ["gunicorn", "cms.wsgi", "--config", "python:cms.gunicorn"]
