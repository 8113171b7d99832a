"""A model's image: what goes into it, how it is built, and whether it works."""

from slipway.images.build import BuiltImage, Kind, build_image, image_of, is_there

__all__ = ["BuiltImage", "Kind", "build_image", "image_of", "is_there"]
