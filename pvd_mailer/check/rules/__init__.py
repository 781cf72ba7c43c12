"""The rules, one a file; `pvd_mailer.check.RULES` has them in their order."""
