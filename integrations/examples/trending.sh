#!/bin/sh
# What is heard most in this library, or was added last: trending.sh [LIMIT] [music|artist|genre]
set -eu
url=${HARMONIE_URL:-http://127.0.0.1:8842}
curl --silent --show-error --fail-with-body --get "$url/api/trending" \
    --header "X-API-Key: ${HARMONIE_API_KEY:-}" \
    --data-urlencode "limit=${1:-10}" --data-urlencode "category=${2:-music}"
echo
