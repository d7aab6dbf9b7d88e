"""What cameras and programs write beside the pixels of a picture (where it was taken, with what, by whom), taken out of
uploads: originals are public.

How the camera was held and the colour profile stay, since they decide how the picture looks.
"""

import re
import zlib
from io import BytesIO

from django.conf import settings
from PIL import ExifTags
from PIL import Image as Pillow

# A JPEG is a row of segments, each a marker, its length and its content; pixels follow those that begin a scan.
MARKER = re.compile(rb"\xff([^\x00\xff\xd0-\xd7])")
EXIF, COLOURS, END, COMMENT = b"\xe1", b"\xe2", b"\xd9", b"\xfe"
KEPT_BY_PROGRAMS = {EXIF, COLOURS, *(bytes([each]) for each in range(0xE3, 0xEE)), b"\xef", COMMENT}
"""Markers of segments that are for programs; not those of JFIF and Adobe, which say how to read the pixels."""


CHUNKS = {b"eXIf", b"tEXt", b"zTXt", b"iTXt", b"tIME"}
"""Those of a PNG that are not for its pixels."""


def without_metadata(data: bytes) -> bytes:
    """The file of a picture without metadata; the same bytes if it has none, or cannot be read.

    A JPEG or PNG keeps its pixels bit by bit. A WebP or AVIF with metadata is written anew, at a quality of 90. What
    follows the end of a JPEG, such as a recording, goes. A GIF has no place for where it was taken.
    """
    try:
        with Pillow.open(BytesIO(data)) as picture:
            if picture.width * picture.height > settings.WAGTAILIMAGES_MAX_IMAGE_PIXELS:
                return data  # refused by whoever takes it
            match picture.format:
                case "JPEG" | "MPO":
                    return _jpeg(data, _orientation(picture))
                case "PNG":
                    return _png(data, _orientation(picture))
                case "WEBP" | "AVIF" if picture.info.keys() & {"exif", "xmp"}:
                    return _written_anew(picture)
    except (OSError, SyntaxError, ValueError, Pillow.DecompressionBombError):
        pass
    return data


def _jpeg(data: bytes, orientation: bytes) -> bytes:
    parts, at = [data[:2]], 2
    while found := MARKER.search(data, at):
        parts.append(data[at : found.start()])
        if found[1] == END:
            return b"".join([*parts, found[0]])
        begin = found.end()
        at = begin + int.from_bytes(data[begin : begin + 2])
        content = data[begin + 2 : at]
        if found[1] == EXIF and orientation and content.startswith(b"Exif\0"):
            parts.append(found[0] + (len(orientation) + 2).to_bytes(2) + orientation)
            orientation = b""
        elif found[1] not in KEPT_BY_PROGRAMS or (found[1] == COLOURS and content.startswith(b"ICC_PROFILE\0")):
            parts.append(data[found.start() : at])
    return b"".join([*parts, data[at:]])


def _png(data: bytes, orientation: bytes) -> bytes:
    parts, at = [data[:8]], 8
    while kind := data[at + 4 : at + 8]:
        end = at + 12 + int.from_bytes(data[at : at + 4])
        if kind == b"eXIf" and orientation:
            content = kind + orientation.removeprefix(b"Exif\0\0")
            parts.append((len(content) - 4).to_bytes(4) + content + zlib.crc32(content).to_bytes(4))
        elif kind not in CHUNKS:
            parts.append(data[at:end])
        at = end
    return b"".join(parts)


def _written_anew(picture: Pillow.Image) -> bytes:
    output = BytesIO()
    picture.save(
        output,
        picture.format,
        save_all=getattr(picture, "n_frames", 1) > 1,
        quality=90,
        exif=_orientation(picture),
        xmp=b"",
        icc_profile=picture.info.get("icc_profile"),
    )
    return output.getvalue()


def _orientation(picture: Pillow.Image) -> bytes:
    """Exif that says how the camera was held and nothing else; empty if it was held upright."""
    held = picture.getexif().get(ExifTags.Base.Orientation, 1)
    if held not in range(2, 9):
        return b""
    exif = Pillow.Exif()
    exif[ExifTags.Base.Orientation] = held
    return exif.tobytes()
