"""A model's image: what goes into it, how it is built, and whether it works."""

from slipway.images.build import BuiltImage, Kind, build_image, digest_there, image_of

__all__ = ["BuiltImage", "Kind", "build_image", "digest_there", "image_of"]
