"""Pictures of an import: taken from images/, or from beside the text that shows them.

An image is known by its file's name, and by what is in the file where names differ.
"""

from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.images import ImageFile
from django.core.files.uploadedfile import UploadedFile
from wagtail.images import get_image_model
from wagtail.images.forms import get_image_form
from wagtail.utils.file import hash_filelike

from content.interchange.folder import Folder
from content.interchange.nodes import Node, Problem
from content.interchange.references import References
from content.metadata import without_metadata


class Pictures:
    references: References

    def __init__(self, folder: Folder, *, is_dry: bool) -> None:
        self.folder, self.is_dry = folder, is_dry

    def path(self, name: str, line: int) -> Path | None:
        try:
            return self.folder.picture(name)
        except Problem as problem:
            problem.line = line
            raise

    def find(self, name: str, node: Node) -> int:
        """The image that a text or a field shows. One that lies beside a text is taken in, with the text's own words as
        its alternative text.
        """
        model = get_image_model()
        pk = self.references.get(model, name)
        if pk is None:
            path = self.path(name, node.line)
            if path is None:
                return self.references.find(model, name, node.line)
            pk = self.same(path) or self._take_in(path, name, node)
            self.references.keys[model][name] = pk
        known = self.references.alts_by_pk().get(pk, "")
        if node.alt and node.alt != known:
            raise Problem(f"The picture's alternative text is “{known}”. Change it at the image, not here.", node.line)
        return pk

    def same(self, path: Path) -> int | None:
        """An image with the same content."""
        found: int | None = (
            get_image_model().objects.filter(file_hash=digest(path)).order_by("pk").values_list("pk", flat=True).first()
        )
        return found

    def _take_in(self, path: Path, name: str, node: Node) -> int:
        if not node.alt:
            raise Problem(f"“{name}” is new and has no alternative text: ![what it shows]({name}).", node.line)
        image = get_image_model()(title=path.stem.replace("-", " ").replace("_", " "), alt=node.alt)
        self.put(image, path, node.line)
        self.references.add(image, PurePosixPath(image.file.name).name)
        self.references.alts_by_pk()[image.pk] = image.alt
        return int(image.pk)

    def put(self, image: Any, path: Path, line: int) -> None:
        """Save the image with this file in place of the one it may have."""
        with path.open("rb") as file:
            self._check(file, path, line)
            old = image.file.name if image.pk else None
            image.file = ImageFile(file, name=path.name)
            # As the admin's upload form does it: size and hash, by which duplicates are found.
            image._set_image_file_metadata()
            if self.is_dry:
                # A name that is set counts as a file that is there.
                width, height = image.width, image.height
                image.file.name = image.get_upload_to(path.name)
                image.file._committed = True
                image.width, image.height = width, height
            image.save()
        if old:
            image.renditions.all().delete()
            image.file.storage.delete(old)

    def _check(self, file: Any, path: Path, line: int) -> None:
        """As the upload form would: a picture of an allowed format, not too large in bytes and pixels."""
        field = get_image_form(get_image_model()).base_fields["file"]
        try:
            field.clean(UploadedFile(file, name=path.name, size=path.stat().st_size))
        except ValidationError as error:
            raise Problem(f"{path.name}: {' '.join(error.messages)}", line) from None
        file.seek(0)


def digest(path: Path) -> str:
    """Of the file as it would be stored: without metadata."""
    return str(hash_filelike(BytesIO(without_metadata(path.read_bytes()))))


def known_digest(image: Any) -> str:
    """Images that no form has uploaded have none in the database."""
    if image.file_hash:
        return str(image.file_hash)
    with image.file.storage.open(image.file.name) as file:
        return str(hash_filelike(file))
