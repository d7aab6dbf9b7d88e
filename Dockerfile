# The CMS for production: `docker build -t toolshelf .`; .env.example explains the variables that it needs to run.
# The front end is a program of its own: frontend/, `npm run build`, `node dist/server/entry.mjs`.

FROM python:3.13-slim-bookworm AS builder

RUN pip install --no-cache-dir uv==0.13.9
ENV UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_PYTHON_DOWNLOADS=never
WORKDIR /app

# Packages first: they change less often than our code, and the layer is kept.
COPY pyproject.toml uv.lock ./
RUN --mount=type=cache,target=/root/.cache/uv uv sync --frozen --no-dev --all-extras

COPY manage.py ./
COPY cms cms
COPY api api
COPY content content
RUN .venv/bin/python -m compileall -q manage.py cms api content
# Production settings refuse to start without these; nothing of them remains in the image.
RUN SECRET_KEY=build DATABASE_URL=sqlite://:memory: ALLOWED_HOSTS=build CMS_URL=https://build FRONTEND_URL=https://build \
    STATIC_ROOT=/app/static DJANGO_SETTINGS_MODULE=cms.settings.production \
    .venv/bin/python manage.py collectstatic --no-input


FROM python:3.13-slim-bookworm

# Backups are made by PostgreSQL's own programs, which must not be older than the server.
RUN apt-get update && apt-get install --yes --no-install-recommends ca-certificates postgresql-common \
    && /usr/share/postgresql-common/pgdg/apt.postgresql.org.sh -y \
    && apt-get install --yes --no-install-recommends postgresql-client-18 && rm -rf /var/lib/apt/lists/*
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin toolshelf \
    && install --directory --owner toolshelf /media /private
WORKDIR /app
COPY --from=builder /app /app

ENV PATH=/app/.venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    DJANGO_SETTINGS_MODULE=cms.settings.production \
    STATIC_ROOT=/app/static \
    MEDIA_ROOT=/media \
    PRIVATE_MEDIA_ROOT=/private \
    PORT=8000
USER toolshelf
# A web server serves the first and never the second, which holds what is in restricted collections.
VOLUME /media /private
EXPOSE 8000

HEALTHCHECK --interval=10s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen(f'http://127.0.0.1:{os.environ[\"PORT\"]}/livez', timeout=4)"]

# Before the first start, and with each new release: docker run … toolshelf python manage.py migrate
# After an upgrade that changed what is public, of which `migrate` warns: docker run … toolshelf python manage.py rebuild_documents
# Beside it, one or more: docker run --no-healthcheck … toolshelf python manage.py worker
CMD ["gunicorn", "cms.wsgi", "--config", "python:cms.gunicorn"]
