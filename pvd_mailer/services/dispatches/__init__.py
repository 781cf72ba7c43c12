"""What a person does with a dispatch: start it, schedule, pause, resume, cancel, resolve and reconcile it.

Each function opens its own transactions. It knows the journal and the sender; it never prints.
"""
