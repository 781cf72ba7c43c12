"""What pages for a browser share: templates, the middleware before every answer, bounded request bodies, a port.

The preview and the readers' site stand on it. It knows HTTP and no page: neither letters, nor readers, nor a database.
"""
