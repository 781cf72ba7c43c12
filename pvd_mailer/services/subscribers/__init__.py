"""What the team does with its list: look, add, unsubscribe, import, export, and the rights of a person.

Each function opens its own transaction. It knows the subscribers and the keys; it prints nothing and sends nothing.
"""
