"""The one layer that opens transactions: each function does one thing for a person, whoever asks for it.

It joins the stages (compose -> render -> check -> approve -> send) with the journal and the subscribers, and hands
results to the command line, the preview and the site. It prints nothing, and knows neither click nor HTTP.
"""
