"""What ConvWalk costs: the recorder, the service, the page. `python3 start.py bench` runs all and prints one table.

Numbers of one machine on one day say little; each is taken beside something that the same machine did in the same
minutes, and what counts is the ratio of the two.
"""
