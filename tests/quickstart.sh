#!/usr/bin/env bash
# Runs a quick start as its reader does, in the current folder: every block of 'sh', in one shell, ends without an error; a block of 'text'
# is what the commands before it said, '…' standing for anything; any other is the file that the line before it names, as `NAME`:
# Usage: tests/quickstart.sh docs/quickstart/PAGE.md
set -euo pipefail
page=$(realpath "$1")
script=$(mktemp)
export at=$script.at said=$script.said # the line of the commands that run, and what they say
trap 'rm -f "$script" "$at" "$said"' EXIT

cat >"$script" <<'BASH'
set -euo pipefail
is_said() { # LINE; what is expected is read
  local expected pattern
  expected=$(sed 's/[[:space:]]*$//')
  # What is special in a pattern stands for itself, but for the ellipsis.
  pattern=$(sed 's/[][*?\\()|+@!]/\\&/g; s/…/*/g' <<<"$expected")
  [[ $(sed 's/[[:space:]]*$//' "$said") == $pattern ]] || { printf 'line %s shows:\n%s\nand not what was said\n' "$1" "$expected" >&2; return 1; }
}
# A reader types the next line when what was begun is up: it listens on a socket of its own.
is_up() {
  until ss -Hlxp | grep -q "pid=$!,"; do kill -0 "$!"; done
}
BASH
awk '
  function wrong(what) { print FILENAME ":" FNR ": " what > "/dev/stderr"; failed = 1; exit 2 }
  !fenced && /^```/ {
    fenced = 1; language = substr($0, 4)
    if (language == "sh") { print "echo " FNR " >\"$at\"\n{"; ran = 1 }
    else if (language == "text") { if (!ran) wrong("no commands said this"); print "is_said " FNR " <<'\''END OF BLOCK'\''"; ran = 0 }
    else if (match(before, /`[^`]+`:$/)) print "cat >" substr(before, RSTART + 1, RLENGTH - 3) " <<'\''END OF BLOCK'\''"
    else wrong("nobody runs this block: it is neither sh, nor text, nor a file that the line before it names")
    next
  }
  fenced && /^```$/ { print language == "sh" ? "} >\"$said\" 2>&1" : "END OF BLOCK"; fenced = 0; before = ""; blocks++; next }
  fenced { print; if (language == "sh" && /[^&]&$/) print "is_up"; next }
  NF { before = $0 }
  END { if (!failed && fenced) wrong("a block does not end"); if (!failed && !blocks) wrong("there is no block") }
' "$page" >>"$script"
bash "$script" </dev/null || { ended=$?; { echo "line $(cat "$at") ended with $ended and said:"; cat "$said"; } >&2; exit 1; }
echo "$(grep -c '>"$at"$' "$script") blocks of ${page##*/} ran as told"
