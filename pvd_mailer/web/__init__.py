"""What the preview and the readers' site share: the guard before every answer, bounded bodies, a port to listen on."""
