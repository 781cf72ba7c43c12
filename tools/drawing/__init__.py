"""The kit behind `tools/draw_images.py`: flat illustrations in one palette, lit by a low sun from the left."""
