"""What pages for a browser share: their templates, the guard before every answer, bounded bodies, a port."""
