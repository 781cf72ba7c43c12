"""What the network says of a letter: the pages that it links to, and the domain that it comes from.

Asked only where somebody wants it (`--online`); rules then judge the results as they judge a text. `http_client` is the
only way out, and refuses whatever is not public; `fetch` asks for one page, `checker` for all, `dns_records` asks the
DNS. It knows URLs and names, no issue and no rule.
"""

from pvd_mailer.online.results import DkimKey, DomainRecords, LinkFault, LinkResult, OnlineResults, TxtRecords

__all__ = ["DkimKey", "DomainRecords", "LinkFault", "LinkResult", "OnlineResults", "TxtRecords"]
