vcl 4.1;

# Varnish in front of Toolshelf (docs/caching.md): keeps what the API says may be kept, and throws away what it says has changed.
# Needs Varnish 6.4 or newer with the module xkey (Debian: varnish, varnish-modules), and in the environment of Toolshelf:
#
#     CACHE_TAG_HEADER=xkey   PURGE_BACKEND=varnish   PURGE_URLS=http://this-host:6081/   SHARED_CACHE_SECONDS=86400

import xkey;

# Its name in compose.yaml; beside Varnish itself it is 127.0.0.1.
backend default {
    .host = "cms";
    .port = "8000";
    .first_byte_timeout = 30s;
    # What more requests than these wait for is not worth waiting for. A few times WEB_CONCURRENCY × THREADS.
    .max_connections = 64;
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
    # The API alone: the admin is for its editors, and files belong to a web server.
    if (req.url !~ "^/graphql/?(\?|$)" || (req.method != "GET" && req.method != "HEAD")) {
        return (pass);
    }
    # A token opens more than what is public.
    if (req.http.Authorization) {
        return (pass);
    }
    # The API knows no cookies, answers everybody the same, and has two types of answers.
    unset req.http.Cookie;
    unset req.http.Origin;
    if (req.http.Accept ~ "application/graphql-response\+json") {
        set req.http.Accept = "application/graphql-response+json, application/json;q=0.9";
    } else if (!req.http.Accept || req.http.Accept ~ "(application/json|application/\*|\*/\*)") {
        unset req.http.Accept;
    } else {
        return (pass);
    }
    return (hash);
}

sub vcl_backend_response {
    # What may not be kept is asked for by each request on its own, instead of by one after the other.
    if (beresp.http.Cache-Control ~ "(private|no-store|no-cache)" || beresp.status != 200) {
        set beresp.ttl = 60s;
        set beresp.grace = 0s;
        set beresp.uncacheable = true;
        return (deliver);
    }
    # Nothing is shown for longer than the API allows: only it knows what expires.
    if (beresp.http.Cache-Control !~ "stale-while-revalidate") {
        set beresp.grace = 0s;
    }
    set beresp.keep = 0s;
}

sub vcl_backend_error {
    # Nobody answered, or there was no room.
    set beresp.status = 503;
    set beresp.http.Retry-After = "2";
    set beresp.http.Cache-Control = "private, no-store";
    if (bereq.url ~ "^/graphql") {
        set beresp.http.Content-Type = "application/json";
        synthetic({"{"errors": [{"message": "The CMS is busy or does not answer.", "extensions": {"code": "INTERNAL" } }] }"});
    } else {
        set beresp.http.Content-Type = "text/plain";
        synthetic({"The CMS is busy or does not answer. Look whether what you sent was saved, and try again in a few seconds.
"});
    }
    return (deliver);
}

sub vcl_deliver {
    # Tags are between the API and its caches.
    unset resp.http.xkey;
    if (req.url ~ "^/graphql" && req.method != "PURGE" && !req.http.Authorization) {
        set resp.http.Access-Control-Allow-Origin = "*";
    }
}
