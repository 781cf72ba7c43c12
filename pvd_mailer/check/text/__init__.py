"""What the rules ask of a text: passages, language, dates, quantities, typography, spelling."""
