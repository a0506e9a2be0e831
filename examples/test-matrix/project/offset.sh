#!/bin/sh
# The hours between the local time and UTC, as the reports have them: 2, -5.
zone=$(date +%z)
sign=${zone%????}
hours=${zone#?}
hours=${hours%??}
echo "${sign#+}$((10#$hours))"
