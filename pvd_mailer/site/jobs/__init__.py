"""Work of the site beside its requests: the queue of mails to readers, unsubscribes written together.

Each job is a task that the application starts and stops. It knows services; no request waits for its database.
"""
