#!/bin/sh
# PDFs are rendered by poppler's programs, which no Python package brings along.
set -eu

if command -v pdftoppm >/dev/null 2>&1; then
    exit 0
fi
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "installing poppler-utils"
    apt-get install -y -qq --no-install-recommends poppler-utils >/dev/null ||
        { apt-get update -qq && apt-get install -y -qq --no-install-recommends poppler-utils >/dev/null; }
    exit 0
fi
if command -v apt-get >/dev/null 2>&1; then
    command="sudo apt-get install poppler-utils"
elif command -v dnf >/dev/null 2>&1; then
    command="sudo dnf install poppler-utils"
elif command -v apk >/dev/null 2>&1; then
    command="sudo apk add poppler-utils"
elif command -v brew >/dev/null 2>&1; then
    command="brew install poppler"
else
    command="(install poppler's pdftoppm with your system's package manager)"
fi
echo "poppler is missing; localaik runs without it, but not with PDFs. Type: $command" >&2
