#!/usr/bin/env bash
# The tutorial, walked through: from a struct to an upgraded database and back. Called by ./dev demo with the build directory; on the (empty)
# database of HERO_DATABASE_URL, by default a SQLite file.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
build=$(cd "$root" && cd "${1:-build/dev}" && pwd)
models=$root/apps/hero
work=${HERO_DIRECTORY:-$build/demo}

export PATH="$build/bin:$PATH"
export HERO_DATABASE_URL="${HERO_DATABASE_URL:-sqlite:///$work/hero.db}"
unset ALUDEL_URL

bold=$'\033[1m' dim=$'\033[2m' green=$'\033[32m' off=$'\033[0m'
[[ -t 1 && -z ${NO_COLOR:-} ]] || bold='' dim='' green='' off=''

step() { printf '\n%s%s%s\n' "$bold" "$*" "$off"; }
note() { printf '%s%s%s\n' "$dim" "$*" "$off"; }
show() { printf '%s$ %s%s\n' "$green" "$*" "$off"; }
# The words of a command as one would type them.
typed() {
  local word line=''
  for word in "$@"; do
    [[ $word == *' '* ]] && word="\"$word\""
    line+="$word "
  done
  printf '%s' "${line% }"
}
# Shows a command and runs it; the output of standard error belongs to the story.
run() { show "$(typed "$@")"; "$@" 2>&1; }
# The same for a command that must be refused with this exit code.
refused() {
  local expected=$1 code=0
  shift
  show "$(typed "$@")"
  "$@" 2>&1 || code=$?
  [[ $code == "$expected" ]] || { echo "expected exit code $expected, got $code" >&2; exit 1; }
  note "(exit code $code)"
}
# The application at one step of its life: its program, and the environment that hands its models to aludel.
become() {
  export HERO_STEP=$1
  hero() { "hero_$HERO_STEP" "$@"; }
}
newest() { ls -t migrations/versions/*.toml | head -n 1; }

rm -rf "$work"
mkdir -p "$work"
cd "$work"

step "1. Two structs, and what C++ cannot say about them (apps/hero/v1/model.hpp)"
sed -n '/^struct Team/,/^}  \/\/ namespace/p' "$models/v1/model.hpp" | sed '$d'

step "2. A new project"
run aludel init
note "(aludel.toml now names the tutorial's environment, built from the same structs)"
cat > aludel.toml <<EOF
script_location = "migrations"

[environment]
library = "$build/lib/hero_env_\${HERO_STEP}.so"
build = "cmake --build '$build' --target hero_env_\${HERO_STEP}"
EOF

become v1
step "3. Compare the structs with the (empty) database, and write down what is missing"
run aludel revision --autogenerate -m "first tables"

step "4. The file is plain text, made to be read, reviewed and edited"
run cat "$(newest)"

step "5. Run it"
run aludel upgrade head

step "6. The application puts rows into its table"
run hero add Deadpond "Dive Wilson" 28
run hero add Spider-Boy "Pedro Parqueador"
run hero add Rusty-Man "Tommy Sharp" 48
run hero list

become v2
step "7. The structs change: a rank, and a team to belong to"
show "diff v1/model.hpp v2/model.hpp"
diff -U0 "$models/v1/model.hpp" "$models/v2/model.hpp" | grep -E '^[+-][^+-]' || true

step "8. aludel finds out what that means for the database"
run aludel revision --autogenerate -m "ranks and teams"
run cat "$(newest)"
run aludel upgrade head
run hero list

become v3
step "9. They change again: secret_name is renamed, and every hero gets an age"
show "diff v2/model.hpp v3/model.hpp"
diff -U0 "$models/v2/model.hpp" "$models/v3/model.hpp" | grep -E '^[+-][^+-]' || true
run aludel revision --autogenerate -m "aliases, and no hero without an age"
run cat "$(newest)"

note10=''
[[ $HERO_DATABASE_URL == sqlite:* ]] && note10=" SQLite cannot change a column in place: aludel copies the table, and keeps every row, index and key"
step "10. What would it run?$note10"
run aludel upgrade head --dry-run
run aludel upgrade head
run hero list

step "11. Does the database hold what the structs say?"
run aludel check

step "12. Backwards. Undoing the third revision loses nothing; undoing the second would lose every rank, so it is refused ..."
run aludel downgrade -1
refused 6 aludel downgrade -1

step "13. ... unless you say that this is a database you play with"
run aludel downgrade -1 --accept-data-loss
become v1
run hero list
note "(every hero is still there, under the names of the first day)"

step "14. And up again; the journal has it all"
become v3
run aludel upgrade head
run hero list
run aludel journal
run aludel status

printf '\nThe project is in %s; docs/tutorial.md explains each step.\n' "${work#"$root"/}"
