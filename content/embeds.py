"""The services whose recordings and slides an article may show. Nothing is ever asked of them."""

from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Provider:
    """A service and the hosts at which it shows what people uploaded."""

    name: str
    hosts: tuple[str, ...]


PROVIDERS = (
    Provider("YouTube", ("www.youtube.com", "youtube.com", "youtu.be", "www.youtube-nocookie.com")),
    Provider("Vimeo", ("vimeo.com", "player.vimeo.com")),
    Provider("PeerTube", ("framatube.org", "peertube.tv")),
    Provider("media.ccc.de", ("media.ccc.de",)),
    Provider("asciinema", ("asciinema.org",)),
    Provider("Speaker Deck", ("speakerdeck.com",)),
)


def provider_of(address: str | None) -> Provider | None:
    """Whose address it is; None for any other host, and for anything but https on the usual port."""
    try:
        parts = urlsplit(address or "")
        if parts.scheme != "https" or parts.username or parts.password or parts.port not in (None, 443):
            return None
    except ValueError:
        return None
    return next((each for each in PROVIDERS if parts.hostname in each.hosts), None)
