"""Draw the icons of the installed app: `python -m scripts.app_icons`.

the bars of pages/icon.svg ─▶ 192 and 512 px, rounded │ 512 px to the edges, for systems that cut the shape themselves
"""

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageDraw

FOLDER = Path(__file__).resolve().parent.parent / "pages" / "frame" / "app"
PAPER, INK = "#fbf9f4", "#2f6b55"
# (x, from, to) of each bar, in a square of 24.
BARS = ((4, 10, 14), (8, 6, 18), (12, 3, 21), (16, 8, 16), (20, 10, 14))
WIDTH = 2.2
# Drawn four times as large, and scaled down.
FINER = 4


def icon(pixels: int, *, margin: float, radius: float) -> Image.Image:
    """Return the icon. `margin` and `radius` are shares of its width."""
    size = pixels * FINER
    picture = Image.new("RGBA", (size, size), (0, 0, 0, 0))
    draw = ImageDraw.Draw(picture)
    draw.rounded_rectangle((0, 0, size - 1, size - 1), radius=radius * size, fill=PAPER)
    unit = size * (1 - 2 * margin) / 24
    corner = size * margin
    for x, top, bottom in BARS:
        left, half = corner + x * unit, WIDTH * unit / 2
        place = (left - half, corner + top * unit - half, left + half, corner + bottom * unit + half)
        draw.rounded_rectangle(place, radius=half, fill=INK)
    return picture.resize((pixels, pixels), Image.Resampling.LANCZOS)


def main() -> None:
    for pixels in (192, 512):
        icon(pixels, margin=0.14, radius=0.22).save(FOLDER / f"icon-{pixels}.png", optimize=True)
    icon(512, margin=0.24, radius=0).save(FOLDER / "icon-maskable-512.png", optimize=True)
    icon(180, margin=0.16, radius=0).convert("RGB").save(FOLDER / "apple-touch-icon.png", optimize=True)


if __name__ == "__main__":
    main()
