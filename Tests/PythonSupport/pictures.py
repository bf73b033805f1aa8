"""Image files, made here: what is in them matters less than what they say of themselves."""

import struct
import zlib


def png(width, height, colour=(70, 110, 220), noise=b""):
    """A picture with a gradient, or of random bytes, which nothing compresses."""
    def chunk(name, content):
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    if noise:
        rows = b"".join(b"\0" + noise[row * width * 3:(row + 1) * width * 3] for row in range(height))
    else:
        def row(y):
            shade = [min(255, part * (y + height // 2) // height) for part in colour]
            light = bytes(min(255, part + 60) for part in shade)
            return b"\0" + bytes(shade) * (width - width // 3) + light * (width // 3)
        rows = b"".join(row(y) for y in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows, 1)) + chunk(b"IEND", b""))


SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><script>alert(1)</script></svg>'
