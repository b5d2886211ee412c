#!/bin/sh
# Music that fits words: discover.sh WORDS [MOOD] [GENRE]
set -eu
url=${HARMONIE_URL:-http://127.0.0.1:8842}
json() { printf '%s' "$1" | sed 's/\\/\\\\/g; s/"/\\"/g'; }
body="{\"input\": \"$(json "${1:?say what to look for}")\", \"limit\": 8"
[ -z "${2:-}" ] || body="$body, \"mood\": \"$(json "$2")\""
[ -z "${3:-}" ] || body="$body, \"genre\": \"$(json "$3")\""
curl --silent --show-error --fail-with-body "$url/api/discover" \
    --header "Content-Type: application/json" \
    --header "X-API-Key: ${HARMONIE_API_KEY:-}" \
    --data "$body}"
echo
