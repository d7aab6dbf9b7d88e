"""Sentences that look like ours from a distance."""

from random import Random
from uuid import UUID

SUBJECTS = ["The scheduler", "A cache", "Every worker", "The router", "One small service", "A migration", "A queue"]
VERBS = ["keeps", "avoids", "measures", "replaces", "explains", "needs", "hides", "proves", "postpones", "shares"]
OBJECTS = [
    "the slow path",
    "a second database",
    "what the request asked for",
    "its own configuration",
    "the last release",
    "a lock nobody holds",
    "half of the tests",
    "an honest default",
]
ENDINGS = ["under load", "in production", "on a small machine", "after an upgrade", "when nobody looks", "by design"]
NAMES = [
    "Anvil",
    "Beacon",
    "Cargo",
    "Dynamo",
    "Ember",
    "Falcon",
    "Granite",
    "Harbor",
    "Jasper",
    "Kiln",
    "Lantern",
    "Nimbus",
]


def source(seed: int, kind: str, number: int) -> Random:
    """Chance for one object, the same whatever was made before it."""
    return Random(f"{seed}/{kind}/{number}")


def sentence(chance: Random) -> str:
    return f"{chance.choice(SUBJECTS)} {chance.choice(VERBS)} {chance.choice(OBJECTS)} {chance.choice(ENDINGS)}."


def paragraph(chance: Random, sentences: int = 5) -> str:
    return " ".join(sentence(chance) for _ in range(sentences))


def name(chance: Random, number: int) -> str:
    return f"{chance.choice(NAMES)} {number}"


def uuid(chance: Random) -> UUID:
    return UUID(int=chance.getrandbits(128), version=4)
