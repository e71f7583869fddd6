#!/usr/bin/env bash
# usage: cmake/lint.sh BUILD_DIR [--changed [BASE] | FILE...]
#
# Runs clang-tidy (.clang-tidy) over the .cpp files that BUILD_DIR compiles: all of core, sdk, plugins and apps, those that differ from BASE (main)
# and those that include a header that differs, or the files named. Tests are compiled with warnings as errors and read by people; linting them
# costs as much as all the rest.
#
# clang-tidy spends most of its time on headers, so files of one directory that are compiled alike are looked at in one go. What is found there counts
# only when it is found again in the file alone: helpers of two files may have the same name.
#
# What was clean is not looked at again while nothing has changed that clang-tidy sees: the source, all headers it includes, its flags, the checks,
# clang-tidy. Clones on one machine share that knowledge (~/.cache/aludel/lint). ALUDEL_LINT_CACHE=off neither asks nor keeps it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

die() { printf 'lint: %s\n' "$*" >&2; exit 2; }
(($#)) || die "usage: cmake/lint.sh BUILD_DIR [--changed [BASE] | FILE...]"
build=$(realpath "$1")
shift
tidy=${CLANG_TIDY:-clang-tidy}
jobs=${ALUDEL_JOBS:-$(nproc)}
batch=10
store=${XDG_CACHE_HOME:-$HOME/.cache}/aludel/lint
[[ ${ALUDEL_LINT_CACHE:-on} != off ]] || store=
command -v "$tidy" >/dev/null || die "there is no $tidy; ./dev setup installs it"
[[ -f $build/compile_commands.json ]] || die "there is no $build/compile_commands.json; build first"
# What a file includes is known from its last compilation.
cmake --build "$build" -j "$jobs" >/dev/null || die "what does not compile cannot be looked at; build $build first"

ours() { git ls-files --cached --others --exclude-standard -- 'core/*.cpp' 'sdk/*.cpp' 'plugins/*.cpp' 'apps/*.cpp'; }
if [[ ${1:-} == --changed ]]; then
  base=$(git merge-base HEAD "${2:-main}") || die "there is no ${2:-main} to compare with"
  mapfile -t changed < <(git diff --name-only --diff-filter=d "$base" -- '*.cpp' '*.hpp'; git ls-files --others --exclude-standard -- '*.cpp' '*.hpp')
  mapfile -t files < <(
    for file in "${changed[@]}"; do
      case $file in
        *.cpp) echo "$file" ;;
        *) git grep -lF "${file#*/include/}" -- '*.cpp' || true ;;
      esac
    done | sort -u | grep -Fxf <(ours))
elif (($#)); then
  files=("$@")
else
  mapfile -t files < <(ours)
fi
((${#files[@]})) || { echo "lint: nothing to look at" >&2; exit 0; }

# One line for each compilation: object, source, command. A source may be compiled more than once.
work=$build/lint
rm -rf "$work"
mkdir -p "$work/key"
sed -n 's/^ *"command": "\(.*\) -o \([^ ]*\) -c \([^ ]*\)",\{0,1\}$/\2\t\3\t\1/p' "$build/compile_commands.json" >"$work/compiled"
[[ $(wc -l <"$work/compiled") == $(grep -c '^ *"file":' "$build/compile_commands.json") ]] || die "$build/compile_commands.json is not as CMake writes it"
awk -F'\t' 'NR == FNR { wanted[$0]; next } $2 in wanted' <(realpath -s "${files[@]}") "$work/compiled" >"$work/selected"
[[ -s $work/selected ]] || { echo "lint: nothing to look at: what is named is not compiled" >&2; exit 0; }

# The key of each is the sum of a file that says all that clang-tidy sees.
ninja -C "$build" -t deps | awk '/^    / { print object "\t" substr($0, 5); next } { object = $0; sub(/: #deps.*/, "", object) }' >"$work/included"
(cd "$build" && cut -f 2 "$work/included" | sort -u | xargs -d '\n' sha256sum) >"$work/sums"
awk -v work="$work" -F'\t' '
  FILENAME ~ /sums$/ { sum[substr($0, 67)] = substr($0, 1, 64); next }
  FILENAME ~ /selected$/ { sums[$1] = ""; next }
  $1 in sums { sums[$1] = sums[$1] sum[$2] "\n" }
  END {
    for (object in sums) {
      if (sums[object] == "") { print "lint: it is not known what " object " includes; build first" >"/dev/stderr"; exit 1 }
      file = object; gsub("/", "_", file); file = work "/key/" file
      printf "%s", sums[object] >file
      close(file)
    }
  }
' "$work/sums" "$work/selected" "$work/included"
version=$("$tidy" --version)
checks=$(<.clang-tidy)
: >"$work/stale"
while IFS=$'\t' read -r object source command; do
  key=$(printf '%s\n' "$version" "$checks" "${command//"$PWD"/}" "${source#"$PWD"}" | cat - "$work/key/${object//\//_}" | sha256sum)
  key=${key%% *}
  if [[ -n $store && -f $store/$key ]]; then touch "$store/$key"; continue; fi
  printf '%s\t%s\t%s\n' "$key" "$source" "$command" >>"$work/stale"
done <"$work/selected"

# What is to be looked at, in directories with a compile_commands.json for one file: that which includes a batch, or a source itself.
look() {  # directory, file, command as JSON has it
  mkdir -p "$1"
  printf '[{"directory": "%s", "command": "%s -c %s", "file": "%s"}]\n' "$build" "$3" "$2" "$2" >"$1/compile_commands.json"
  "$tidy" -p "$1" --config-file=.clang-tidy --quiet "$2" 2>/dev/null
}
clean() { [[ -z $store ]] || touch "$store/$1"; }
look_at_batch() {  # file of stale lines
  local key source command count half failed=0
  count=$(wc -l <"$1")
  IFS=$'\t' read -r key source command <"$1"
  if ((count == 1)); then
    look "$1.look" "$source" "$command" && clean "$key"
    return
  fi
  cut -f 2 "$1" | sed 's|.*|#include "&"  // NOLINT(bugprone-suspicious-include)|' >"$1.cpp"
  if look "$1.look" "$1.cpp" "$command" >/dev/null; then
    while read -r key _; do clean "$key"; done <"$1"
    return
  fi
  # Something is wrong with one of them, or two do not bear each other (a helper of the same name).
  split -l $(((count + 1) / 2)) "$1" "$1."
  for half in "$1.aa" "$1.ab"; do look_at_batch "$half" || failed=1; done
  return "$failed"
}
export -f look clean look_at_batch
export build store tidy

[[ -z $store ]] || mkdir -p "$store"
awk -v batch="$batch" -v work="$work" -F'\t' '
  { directory = $2; sub("/[^/]*$", "", directory); group = directory "\t" $3 }
  count[group]++ % batch == 0 { name[group] = work "/batch" ++batches }
  { print >name[group] }
' "$work/stale"
# The largest first, so that none is waited for at the end.
if find "$work" -maxdepth 1 -name 'batch*' -printf '%s %p\n' | sort -rn | cut -d ' ' -f 2- |
  xargs -r -d '\n' -n 1 -P "$jobs" bash -c 'look_at_batch "$1"' _; then
  echo "lint: clean; looked at $(wc -l <"$work/stale") of $(wc -l <"$work/selected") compilations" >&2
else
  die "clang-tidy found what is printed above; mend it, or say why not with NOLINTNEXTLINE(check) and a reason"
fi
[[ -z $store ]] || find "$store" -type f -mtime +30 -delete
