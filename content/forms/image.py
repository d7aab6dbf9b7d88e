"""The upload form of images, which says plainly what it refuses. It looks at the first bytes of a file only."""

from typing import Any

from django.conf import settings
from wagtail.images.forms import BaseImageForm


class ImageForm(BaseImageForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "file" in self.fields:
            formats = ", ".join(each.upper() for each in settings.WAGTAILIMAGES_EXTENSIONS)
            most = settings.WAGTAILIMAGES_MAX_IMAGE_PIXELS // 1_000_000
            self.fields["file"].error_messages |= {
                "invalid_image": "This is no picture, or a broken one.",
                "invalid_image_extension": f"Pictures of this kind are not taken: save it as one of {formats}. "
                "An SVG drawing may hold programs; export it as PNG or WebP, at least 800 pixels wide.",
                "file_too_many_pixels": f"This picture has more than {most} million pixels (width times height). "
                "Make it smaller.",
            }
