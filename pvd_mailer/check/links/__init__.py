"""What the rules ask of links: where they lead, tracking parameters, and what the network answered."""
