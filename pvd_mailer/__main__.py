"""`python -m pvd_mailer`: the same as the command `pvd-mailer`."""

from pvd_mailer.cli import main

if __name__ == "__main__":
    main()
