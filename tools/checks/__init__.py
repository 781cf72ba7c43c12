"""What documents and tests know of the proofreader's rules: an example of each, and the page that shows them."""
