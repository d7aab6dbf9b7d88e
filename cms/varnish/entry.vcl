vcl 4.1;

# The one entry of compose.yaml, with a port each for the reading site, for the CMS, and for being told what has changed. The last is
# reached by the CMS and its worker only, whatever addresses they have. frontend.vcl and default.vcl decide the rest (start.cli).

import xkey;

backend media {
    .host = "media";
    .port = "8083";
}

sub vcl_recv {
    if (local.socket == "purge") {
        if (req.method != "PURGE" || !req.http.xkey-purge) {
            return (synth(400, "Say by PURGE, in xkey-purge, which tags have changed."));
        }
        set req.http.n-gone = xkey.purge(req.http.xkey-purge);
        return (synth(200, "Purged " + req.http.n-gone));
    }
    if (req.method == "PURGE") {
        return (synth(403, "Forbidden"));
    }
    if (local.socket == "site") {
        return (vcl(site));
    }
    if (req.url ~ "^/media/") {
        return (pass);
    }
    # Figures are for who is inside (docs/operate.md).
    if (req.url ~ "^/metrics") {
        return (synth(404, "Not found"));
    }
    return (vcl(cms));
}
