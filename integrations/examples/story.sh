#!/bin/sh
# A story of some tracks: story.sh NAME TITLE [TITLE …]
set -eu
url=${HARMONIE_URL:-http://127.0.0.1:8842}
name=${1:?whose story is it?}
shift
: "${1:?name a track, or several}"
jq --null-input --arg name "$name" '{user_name: $name, story_type: "reflection", story_length: "short",
    music_preferences: [$ARGS.positional[] | {name: .}]}' --args "$@" |
    curl --silent --show-error --fail-with-body "$url/api/story" \
        --header "Content-Type: application/json" \
        --header "X-API-Key: ${HARMONIE_API_KEY:-}" \
        --data @- | jq --raw-output .story
