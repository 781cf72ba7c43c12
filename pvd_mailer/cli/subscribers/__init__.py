"""The group `subscribers`: add, import, list, show, export, unsubscribe, and the rights of a person."""
