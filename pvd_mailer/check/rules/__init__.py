"""The rules, one a file, each with its `RULE`; `pvd_mailer.check.RULES` has them in their order.

A rule reads its context and asks text/, html/, links/ and images/, and gives violations. It must never know another rule, nor the
line, the severity or the waiver that its violation ends up with.
"""
