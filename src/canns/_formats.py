"""The formats of pictures that the library reads."""

__all__ = ["PICTURES"]

#: Told by the first bytes of a file, not by its name. Pillow's decoders of other formats are many
#: and little used, and some start a program: Ghostscript would run what an EPS file says.
PICTURES = ("PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF", "PPM")
