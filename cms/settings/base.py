"""What is true everywhere; development, test and production say only how they differ and why."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf.locale import LANG_INFO

from cms import env, logs

BASE_DIR: Path = env.BASE_DIR

# Whether the checks of cms/checks.py are as strict as a server on the internet needs.
IS_PRODUCTION = False
SECRET_KEY = env.SECRET_KEY
SECRET_KEY_FALLBACKS = env.SECRET_KEY_FALLBACKS
ALLOWED_HOSTS = env.ALLOWED_HOSTS

INSTALLED_APPS = [
    "cms",
    "api",
    "content",
    "wagtail.contrib.redirects",
    "wagtail.contrib.settings",
    "wagtail.contrib.simple_translation",
    "wagtail.contrib.typed_table_block",
    "wagtail.embeds",
    "wagtail.locales",
    "wagtail.sites",
    "wagtail.users",
    "wagtail.snippets",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",
    "wagtail.admin",
    "wagtail",
    "modelcluster",
    "taggit",
    "corsheaders",
    "csp",
    "axes",
    "django_tasks_db",
    "strawberry_django",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "cms.health.HealthMiddleware",
    "cms.metrics.MetricsMiddleware",
    "cms.headers.PermissionsMiddleware",
    "cms.headers.PolicyMiddleware",
    "cms.observing.ObservingMiddleware",
    "cms.cors.BearerOriginMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "cms.uploads.UploadLimitMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "cms.urls"
WSGI_APPLICATION = "cms.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]


def database(url: str, wait: float = 3) -> dict[str, Any]:
    """Django's settings for one database address; a PostgreSQL address gets a connection pool, SQLite what keeps
    readers and writers apart. `wait`: seconds until there has to be a connection.
    """
    config: dict[str, Any] = env.env.db_url_config(url)
    if config["ENGINE"].endswith("sqlite3"):
        # A reader never waits for a writer (WAL); a transaction takes the write lock when it begins, so that it cannot
        # fail half-way.
        config["OPTIONS"] = {
            "timeout": 20,
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-16000;",
        }
        # To open the file for each request would take longer than to answer it from the response cache.
        config["CONN_MAX_AGE"] = 600
    else:
        # What the API asks again and again is planned once per connection (api/documents/statements.py).
        # While the database is away a request waits so long, and who comes then tries to connect by itself: the pool's
        # own attempts would soon be half a minute apart.
        pool = {"min_size": 1, "max_size": 8, "timeout": wait, "reconnect_timeout": 1}
        config["OPTIONS"] = {"pool": pool, "prepare_threshold": 2}
    return config


def cache(url: str) -> dict[str, Any]:
    """Django's settings for one cache address. A server that does not answer must not hold up a request."""
    config: dict[str, Any] = env.env.cache_url_config(url)
    if "redis" in config["BACKEND"].lower():
        config["OPTIONS"] = {"socket_connect_timeout": 0.2, "socket_timeout": 0.2, **config.get("OPTIONS", {})}
    return config


METRICS_TOKEN = env.METRICS_TOKEN
LOGGING = logs.config(is_json=False)

# No ATOMIC_REQUESTS: with SQLite's IMMEDIATE transactions every reading request would take the write lock.
DATABASES = {"default": database(env.DATABASE_URL)}
if env.DATABASE_REPLICA_URL:
    # Readers wait a moment for one that is away; then the primary answers them (api/documents/database.py).
    DATABASES["replica"] = database(env.DATABASE_REPLICA_URL, wait=1)
    DATABASE_ROUTERS = ["api.documents.database.Router"]
CACHES = {
    "default": cache(env.CACHE_URL),
    # Wagtail would remember where a rendition was after it has gone, when its image became private. Lists load theirs
    # with the images.
    "renditions": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"},
}
# Jobs wait in the database for `manage.py worker`, which does one of each queue at a time (content/jobs.py).
TASKS: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["default", "images", "upkeep", "webhooks"]}
}
# EMAIL_URL says how mail is delivered; our own backend says when, and that a dead server stops nothing.
_mail: dict[str, Any] = env.env.email_url_config(env.EMAIL_URL)
vars().update(_mail)
DELIVERY_BACKEND = _mail["EMAIL_BACKEND"]
EMAIL_BACKEND = "cms.mail.AfterCommitBackend"
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = f"toolshelf@{urlsplit(env.FRONTEND_URL).hostname}"

# The first one refuses whoever has failed too often; the second one signs in.
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
# So many failures of one name from one network within the time lock it out for as long (cms/throttling.py). A success
# does not forgive them: whoever has an account could guess on with it.
AXES_HANDLER = "cms.throttling.Handler"
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"], "ip_address"]
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_CLIENT_IP_CALLABLE = "cms.throttling.client_network"
AXES_USERNAME_CALLABLE = "cms.throttling.username"
AXES_LOCKOUT_TEMPLATE = "cms/locked.html"
AXES_DISABLE_ACCESS_LOG = True
AXES_ENABLE_ADMIN = False
WAGTAILADMIN_USER_PASSWORD_RESET_FORM = "cms.throttling.ThrottledPasswordResetForm"

# Who else says who somebody is (cms/single_sign_on.py); without an issuer nobody does.
OIDC_ISSUER = env.OIDC_ISSUER
OIDC_CLIENT_ID = env.OIDC_CLIENT_ID
OIDC_CLIENT_SECRET = env.OIDC_CLIENT_SECRET
OIDC_NAME = env.OIDC_NAME
OIDC_SCOPES = env.OIDC_SCOPES
OIDC_GROUPS_CLAIM = env.OIDC_GROUPS_CLAIM
OIDC_GROUPS = env.OIDC_GROUPS
OIDC_TRUST_EMAIL = env.OIDC_TRUST_EMAIL
OIDC_ONLY = env.OIDC_ONLY
if OIDC_ISSUER:
    AUTHENTICATION_BACKENDS = [*AUTHENTICATION_BACKENDS, "cms.single_sign_on.Backend"]
    # An administrator makes an account for a mail address; its owner needs no password.
    WAGTAILUSERS_PASSWORD_REQUIRED = False
if OIDC_ONLY:
    AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "cms.single_sign_on.Backend"]
    WAGTAILUSERS_PASSWORD_ENABLED = WAGTAIL_PASSWORD_MANAGEMENT_ENABLED = WAGTAIL_PASSWORD_RESET_ENABLED = False

# New passwords by the first; those of the others change to it when their owner signs in.
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2SHA1PasswordHasher",
    "django.contrib.auth.hashers.ScryptPasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]

# The first language is the one in which content is written when nobody says otherwise, and the one of the admin.
LANGUAGE_CODE = env.CONTENT_LANGUAGES[0]
WAGTAIL_CONTENT_LANGUAGES = LANGUAGES = [
    (code, LANG_INFO.get(code, {}).get("name", code)) for code in env.CONTENT_LANGUAGES
]
WAGTAIL_I18N_ENABLED = True
TIME_ZONE = "UTC"
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = env.STATIC_ROOT
MEDIA_URL = env.MEDIA_URL
MEDIA_ROOT = env.MEDIA_ROOT
# Files of restricted collections: no web server may serve them.
PRIVATE_MEDIA_ROOT = env.PRIVATE_MEDIA_ROOT
# In place of the two folders, where several hosts share the files (docs/scale.md).
MEDIA_BUCKET = env.MEDIA_BUCKET
PRIVATE_MEDIA_BUCKET = env.PRIVATE_MEDIA_BUCKET


def bucket(name: str) -> dict[str, Any]:
    """Django's settings for the storage in one bucket."""
    options = {
        "bucket_name": name,
        "endpoint_url": env.AWS_ENDPOINT_URL_S3 or None,
        "region_name": env.AWS_DEFAULT_REGION,
        # Without them boto3 looks for the role of the machine.
        "access_key": env.AWS_ACCESS_KEY_ID or None,
        "secret_key": env.AWS_SECRET_ACCESS_KEY or None,
    }
    return {"BACKEND": "content.buckets.Bucket", "OPTIONS": options}


# "default" sends each file to one of the two below it; those may be any storage.
STORAGES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "content.storage.MediaStorage"},
    "public": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "private": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        # Other users of the machine do not read them either.
        "OPTIONS": {"location": PRIVATE_MEDIA_ROOT, "directory_permissions_mode": 0o700},
    },
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
if MEDIA_BUCKET:
    STORAGES |= {"public": bucket(MEDIA_BUCKET), "private": bucket(PRIVATE_MEDIA_BUCKET)}

# An address typed without its scheme is an https one. Django 6 takes that for granted.
FORMS_URLFIELD_ASSUME_HTTPS = True

# An article with a hundred blocks or a grid of sixty facts has more than Django's 1,000 form fields.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000
# Of one image or document.
MAX_UPLOAD_MB = env.MAX_UPLOAD_MB
MAX_UPLOAD_BYTES = WAGTAILIMAGES_MAX_UPLOAD_SIZE = MAX_UPLOAD_MB * 1024 * 1024
WAGTAILDOCS_DOCUMENT_FORM_BASE = "content.forms.document.DocumentForm"

WAGTAIL_SITE_NAME = env.SITE_NAME
WAGTAILADMIN_BASE_URL = env.CMS_URL
# The admin calls nobody: no portraits by mail address, no question for newer versions.
WAGTAIL_GRAVATAR_PROVIDER_URL = None
WAGTAIL_ENABLE_UPDATE_CHECK = False
# Milliseconds from a change that is noticed to its preview. The editor has waited before for somebody who is still
# typing, and saves half a second later: most of the preview is done before that takes the processor.
WAGTAIL_AUTO_UPDATE_PREVIEW_INTERVAL = 50
# Every so many days the pages behind our sources are asked whether they are still there; 0 is never.
SOURCE_CHECK_DAYS = env.SOURCE_CHECK_DAYS
# For so many days the store remembers what was public before, and each change of it; 0 is for ever.
KEEP_VERSIONS_DAYS = env.KEEP_VERSIONS_DAYS
KEEP_EVENTS_DAYS = env.KEEP_EVENTS_DAYS
# For so many hours an ended preview is known as one that has expired, and what was typed into it is kept.
KEEP_PREVIEWS_HOURS = env.KEEP_PREVIEWS_HOURS
# Whether /graphql answers only the documents that `manage.py trust_documents` was given.
TRUSTED_DOCUMENTS_ONLY = env.TRUSTED_DOCUMENTS_ONLY
# Documents are plain media files, as images are: Django serves none, and the admin's list needs an address of each.
# Those of restricted collections have one in the admin (content/storage.py).
WAGTAILDOCS_SERVE_METHOD = "direct"
# Nothing that a browser would run on the CMS's address if a web server forgets to say that it must not.
WAGTAILDOCS_EXTENSIONS = ["csv", "docx", "epub", "json", "md", "odp", "ods", "odt", "pdf", "pptx", "txt", "xlsx", "zip"]
# The sizes in which images are published, and no others (docs/images.md). After a change: `make schema` if crops have
# other names, then `manage.py prepare_images`.
IMAGE_SIZES: dict[str, Any] = {
    "widths": [400, 800, 1200, 1600],
    "formats": ["avif", "webp"],
    "crops": {
        "wide": {"ratio": (16, 9), "widths": [400, 800, 1200], "formats": ["avif", "webp"]},
        "square": {"ratio": (1, 1), "widths": [160, 320, 640], "formats": ["avif", "webp"]},
        # What is shared is fetched by programs, some of which know JPEG only.
        "social": {"ratio": (1200, 630), "widths": [1200], "formats": ["jpeg"]},
    },
}
WAGTAILIMAGES_IMAGE_FORM_BASE = "content.forms.image.ImageForm"
WAGTAILIMAGES_IMAGE_MODEL = "content.CustomImage"
WAGTAILIMAGES_MAX_IMAGE_PIXELS = 50_000_000
# No SVG: it is a program more than a picture.
WAGTAILIMAGES_EXTENSIONS = ["avif", "gif", "jpg", "jpeg", "png", "webp"]
WAGTAILSEARCH_BACKENDS = {"default": {"BACKEND": "wagtail.search.backends.database"}}
WAGTAIL_ALLOW_UNICODE_SLUGS = False
# The review's last approval publishes; Wagtail's own way would also ask for the approver's right to publish.
WAGTAIL_FINISH_WORKFLOW_ACTION = "content.approval.publish_approved"
# The store knows where every page was public before: `resolve` redirects from there without a row per moved page.
WAGTAILREDIRECTS_AUTO_CREATE = False

# For all but the admin, whose policy is in cms/headers.py.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": dict.fromkeys(["default-src", "base-uri", "form-action", "frame-ancestors"], ["'none'"])
}

# Anybody's front end may ask anonymously; from a browser only our own may send a bearer token.
CORS_URLS_REGEX = r"^/graphql/?$"
CORS_ALLOW_ALL_ORIGINS = True
CORS_ALLOW_HEADERS = ["accept", "content-type"]
CORS_ALLOW_METHODS = ["GET", "OPTIONS", "POST"]
CORS_EXPOSE_HEADERS = ["query-cost"]
BEARER_ORIGINS = [env.FRONTEND_URL]

# What one request to the API may ask for; docs/api-limits.md has the limits that are no settings too.
MAX_QUERY_COST = env.MAX_QUERY_COST
MAX_QUERY_LENGTH = env.MAX_QUERY_LENGTH
MAX_QUERY_TOKENS = env.MAX_QUERY_TOKENS
MAX_QUERY_SECONDS = env.MAX_QUERY_SECONDS
MAX_BODY_BYTES = env.MAX_BODY_BYTES
MAX_ANSWER_LENGTH = env.MAX_ANSWER_LENGTH

# Answers kept by each process, and by caches in front of them, which are told what has changed (docs/caching.md).
RESPONSE_CACHE_MB = env.RESPONSE_CACHE_MB
SHARED_CACHE_SECONDS = env.SHARED_CACHE_SECONDS
CACHE_TAG_HEADER = env.CACHE_TAG_HEADER
PURGE_BACKEND = env.PURGE_BACKEND
PURGE_URLS = env.PURGE_URLS
PURGE_TOKEN = env.PURGE_TOKEN

# How many proxies of ours stand before the CMS: what they say of where a request came from is believed.
PROXY_COUNT = env.PROXY_COUNT
# Where the front end of the default site is reached, and the addresses under which the admin may be opened.
CMS_URL = env.CMS_URL
FRONTEND_URL = env.FRONTEND_URL
ADMIN_ORIGINS = env.ADMIN_ORIGINS or [env.CMS_URL]
