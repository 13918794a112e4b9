"""How often a limit was reached, as /metrics tells it."""

import re


def limited(stack, option):
    line = re.search(rf'^suarad_limits_total{{limit="{re.escape(option)}"}} (\d+)$',
                     stack.http("/metrics")[1], re.M)
    return int(line.group(1))
