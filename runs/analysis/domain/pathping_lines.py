"""The lines of Windows' pathping that hold numbers; its words differ by language, its columns do not.

    Hop  RTT    Lost/Sent = Pct  Lost/Sent = Pct  Address
      0                                           mypc [192.0.2.5]
                                    0/ 100 =  0%   |
      1    3ms     0/ 100 =  0%     0/ 100 =  0%  192.0.2.254

Source: Windows' message table of pathping.
"""

import re

_LOST = r"\d{1,9}/ {0,4}\d{1,9} = {0,2}\d{1,3}%"
HOP = re.compile(
    r"\s{0,12}(?P<number>\d{1,3})\s+(?:(?P<time>\d{1,6})ms|---)\s+(?P<lost>\d{1,9})/ {0,4}(?P<sent>\d{1,9}) = {0,2}\d{1,3}%"
    rf"\s+{_LOST}\s+(?P<where>\S{{1,255}})(?: \[(?P<address>[0-9A-Fa-f.:%]+)\])?\s*$"
)
LINK = re.compile(r"\s{8,}(?P<lost>\d{1,9})/ {0,4}(?P<sent>\d{1,9}) = {0,2}\d{1,3}%\s+\|\s*$")
START = re.compile(r"\s{1,12}0 {1,80}(?P<where>\S{1,255})(?: \[(?P<address>[0-9A-Fa-f.:%]+)\])?\s*$")
WRAPPED = re.compile(r"\s*\[(?P<address>[0-9A-Fa-f.:%]+)\]\s*$")
