"""The kit behind `tools/draw_images.py`: flat illustrations in one palette, lit from the upper left."""
