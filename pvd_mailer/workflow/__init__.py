"""The stages in their order, and nothing else: compose -> render -> check -> approve -> send."""

from pvd_mailer.workflow.office import Office
from pvd_mailer.workflow.proofing import Proof, check, is_readable, mend, proof, unchecked

__all__ = ["Office", "Proof", "check", "is_readable", "mend", "proof", "unchecked"]
