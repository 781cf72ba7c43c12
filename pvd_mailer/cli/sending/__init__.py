"""Commands on dispatches, from `send` to what is done with one that stands still, and what came back."""
