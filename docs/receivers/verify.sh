#!/usr/bin/env bash
# Verifies a captured Postrider webhook with openssl. For looking into things: a server compares in constant time.
#
#   SIGNING_SECRET=whsec_… bash verify.sh <webhook-id> <webhook-timestamp> <webhook-signature> < body
#   SIGNING_SECRET=whsec_… bash verify.sh --hub <X-Hub-Signature> < body
set -euo pipefail

answer() {
  if "$@"; then echo verified; else echo 'NOT VERIFIED' && exit 1; fi
}

if [[ $1 == --hub ]]; then
  expected="sha256=$(openssl dgst -sha256 -hmac "$SIGNING_SECRET" -r | cut -d' ' -f1)"
  answer [ "$2" = "$expected" ]
  exit
fi

key=$(printf '%s' "${SIGNING_SECRET#whsec_}" | openssl base64 -d -A | od -An -v -tx1 | tr -d ' \n')
expected="v1,$({ printf '%s.%s.' "$1" "$2"; cat; } |
  openssl dgst -sha256 -mac HMAC -macopt "hexkey:$key" -binary | openssl base64 -A)"
age=$(($(date +%s) - $2))
is_right() { [[ " $3 " == *" $expected "* ]] && ((age <= 300 && age >= -300)); }
answer is_right "$@"
