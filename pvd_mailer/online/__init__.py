"""What the network says of a letter: the pages that it links to, and the domain that it comes from.

Asked only where somebody wants it (`--online`); rules then judge the answers as they judge a text. `network` is the
only way out, and refuses whatever is not public; `pages` asks for one page, `asking` for all, `domain` asks the DNS.
"""

from pvd_mailer.online.results import DkimKey, DomainRecords, LinkFault, LinkResult, OnlineResults, TxtRecords

__all__ = ["DkimKey", "DomainRecords", "LinkFault", "LinkResult", "OnlineResults", "TxtRecords"]
