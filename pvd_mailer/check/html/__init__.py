"""What the rules ask of the letter's HTML: computed style, text, the block of an element, what mail programs lack."""
