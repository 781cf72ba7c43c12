"""Tests of pvd_mailer, through its public doors."""
