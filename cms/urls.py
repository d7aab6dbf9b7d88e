"""The one map of addresses."""

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.utils.urlpatterns import decorate_urlpatterns

from api.views import graphql
from cms import single_sign_on
from cms.media import public_file
from content.admin.files import private_file
from content.changes import in_changes
from content.remembered import remembering

decorate_urlpatterns(wagtailadmin_urls.urlpatterns, in_changes)
decorate_urlpatterns(wagtailadmin_urls.urlpatterns, remembering)

handler500 = "cms.errors.failed"
urlpatterns: list[URLPattern | URLResolver] = [
    path("graphql", graphql),
    path("graphql/", graphql),
    path("", RedirectView.as_view(url="/admin/")),
    # Before the admin, which would send whoever is not signed in to its login.
    path("admin/files/<path:name>", private_file, name="private_file"),
    path("admin/login/", single_sign_on.SignInView.as_view()),
    path("admin/login/oidc/", single_sign_on.begin, name="single_sign_on"),
    path("admin/login/oidc/done/", single_sign_on.finish, name="single_sign_on_finished"),
    path("admin/", include(wagtailadmin_urls)),
]
if settings.DEBUG and settings.MEDIA_URL.startswith("/"):
    urlpatterns.append(path(f"{settings.MEDIA_URL.strip('/')}/<path:name>", public_file))
