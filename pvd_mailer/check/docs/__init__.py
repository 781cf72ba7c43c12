"""The page of the rules, and their examples."""
