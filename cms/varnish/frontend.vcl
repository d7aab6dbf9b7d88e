vcl 4.1;

# Varnish in front of the reading site (docs/caching.md): keeps pages as long as they say, throws away those that show what has
# changed, and shows what it has while the CMS or the site is away. Needs Varnish 6.4 or newer with the module xkey (Debian:
# varnish, varnish-modules), CACHE_TAG_HEADER=xkey in the environment of the CMS and of the site, and in that of the CMS
#
#     PURGE_BACKEND=varnish   PURGE_URLS=http://this-host:6081/   SHARED_CACHE_SECONDS=86400

import xkey;

# Its name in compose.yaml; beside Varnish itself it is 127.0.0.1.
backend default {
    .host = "frontend";
    .port = "4321";
    .first_byte_timeout = 60s;
}

# Who may say that something has changed: the hosts that Toolshelf and its workers run on.
acl toolshelf {
    "127.0.0.1";
    "::1";
}

sub vcl_recv {
    if (req.method == "PURGE") {
        if (!client.ip ~ toolshelf) {
            return (synth(403, "Forbidden"));
        }
        if (!req.http.xkey-purge) {
            return (synth(400, "Say in xkey-purge which tags have changed."));
        }
        set req.http.n-gone = xkey.purge(req.http.xkey-purge);
        return (synth(200, "Purged " + req.http.n-gone));
    }
    # Varnish asks once, and when it gets nothing, once more: then it is content with an old page, and with an error.
    set req.http.Last-Try = "yes";
    if (req.method != "GET" && req.method != "HEAD") {
        return (pass);
    }
    # The site knows no cookies and answers everybody the same.
    unset req.http.Cookie;
    unset req.http.Authorization;
    # What is old is shown while the new is fetched, for as long as the CMS says.
    set req.grace = 30s;
    if (req.restarts == 0) {
        unset req.http.Last-Try;
    } else {
        set req.grace = 1d;
    }
    return (hash);
}

sub vcl_backend_response {
    if (beresp.status >= 500) {
        # An older page stays where it is.
        if (bereq.is_bgfetch || !bereq.http.Last-Try) {
            return (abandon);
        }
        set beresp.ttl = 0s;
        set beresp.grace = 0s;
        return (deliver);
    }
    # What may not be kept is asked for by each request on its own, instead of by one after the other.
    if (beresp.ttl <= 0s || beresp.http.Cache-Control ~ "(private|no-store|no-cache)") {
        set beresp.ttl = 60s;
        set beresp.grace = 0s;
        set beresp.uncacheable = true;
        return (deliver);
    }
    # Only the CMS knows what expires: without a word of its own nothing old is shown.
    if (beresp.http.Cache-Control ~ "stale-if-error") {
        set beresp.grace = 1d;
    } else {
        set beresp.grace = 0s;
    }
    set beresp.keep = 0s;
}

sub vcl_deliver {
    if (resp.status >= 500 && !req.http.Last-Try) {
        return (restart);
    }
    # Tags are between the site and its caches.
    unset resp.http.xkey;
}

sub vcl_synth {
    if (resp.status == 503 && req.method != "PURGE" && !req.http.Last-Try) {
        return (restart);
    }
}
