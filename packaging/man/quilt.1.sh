#!/usr/bin/env bash
# Writes quilt(1): what is told here, and each command's own help. Usage: quilt.1.sh QUILT
set -euo pipefail
quilt=$1

roff() { sed -e 's/\\/\\e/g' -e "s/^\([.']\)/\\\\\&\1/" -e 's/-/\\-/g'; }

cat <<'ROFF'
.TH QUILT 1 "" "Quilt" "User commands"
.SH NAME
quilt \- create, run, watch and remove hermetic containers
.SH SYNOPSIS
.B quilt
.RB [ \-\-host
.IR ADDRESS ]
.RB [ \-\-token
.IR TOKEN ]
.RB [ \-\-session
.IR ID ]
.RB [ \-\-json ]
.I COMMAND
.RI [ ARGUMENT \&...]
.SH DESCRIPTION
Asks
.BR quiltd (8)
over its socket.
A container has a user namespace with 65,536 host ids of its own, every other namespace, a small set of capabilities, a system call filter and, until it is given more, no network but its loopback.
Without an image it runs the embedded
.IR quilt/busybox .
.PP
.I CONTAINER
is an id, the beginning of one that no other id has, or a name.
Sizes are bytes or such as
.IR 512MiB ,
durations seconds or such as
.IR 30s .
.SH ENVIRONMENT
.TP
.B QUILT_HOST
Where quiltd listens, such as
.IR unix:///run/quilt/quilt.sock ;
.B \-\-host
goes before it.
.TP
.BR QUILT_TOKEN ,\  QUILT_TOKEN_FILE
The token of the agent to speak for, or a file that holds it;
.B \-\-token
goes before both.
Without any, the operator calls.
.TP
.B QUILT_SESSION
The session to be in;
.B \-\-session
goes before it.
.SH EXIT STATUS
.B quilt run
and
.B quilt exec
end with the command's own code, 128 + N where signal N ended it, 127 where the command was not found, 126 where it cannot be executed, and 125 where Quilt itself failed.
.SH COMMANDS
ROFF

"$quilt" --help | sed -n 's/^  \([a-z][a-z ]*[a-z]\)  .*/\1/p' | while read -r -a command; do
  echo ".SS ${command[*]}"
  echo ".nf"
  "$quilt" "${command[@]}" --help | roff
  echo ".fi"
done

cat <<'ROFF'
.SH SEE ALSO
.BR quiltd (8),
.BR quilt\-oci (8)
ROFF
