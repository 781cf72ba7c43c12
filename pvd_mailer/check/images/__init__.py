"""What the rules ask of pictures: how they are displayed, and how well they are compressed."""
