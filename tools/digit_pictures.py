"""Write samples/data/digit_pictures.zip, scikit-learn's digits as PNG files.

``python tools/digit_pictures.py``: one folder for each digit, with its first 40 images, each
pixel four times as wide and high. The same files every time.
"""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

TARGET = Path(__file__).resolve().parent.parent / "samples" / "data" / "digit_pictures.zip"
COUNT = 40
SCALE = 4


def main() -> None:
    """Write the archive."""
    import numpy as np
    from PIL import Image
    from sklearn.datasets import load_digits

    digits = load_digits()
    with zipfile.ZipFile(TARGET, "w", zipfile.ZIP_STORED) as archive:
        for label in range(10):
            for number, pixels in enumerate(digits.images[digits.target == label][:COUNT]):
                # 0 is white paper and 16 black ink.
                gray = (255 - pixels * 255 / 16).round().astype("uint8")
                large = np.kron(gray, np.ones((SCALE, SCALE), "uint8"))
                picture = io.BytesIO()
                Image.fromarray(large).save(picture, "PNG", optimize=True)
                name = f"digit_pictures/{label}/{number:02d}.png"
                entry = zipfile.ZipInfo(name, (1998, 7, 1, 0, 0, 0))
                archive.writestr(entry, picture.getvalue())
    print(f"{TARGET}: {TARGET.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
