#!/usr/bin/env bash
# usage: cmake/lint.sh BUILD_DIR [--changed [BASE] | FILE...]
#
# Runs clang-tidy (.clang-tidy) over the .cpp files that BUILD_DIR compiles: all of core, sdk, plugins and apps, those that differ from BASE (main)
# and those that include a header that differs, or the files named. Tests are compiled with warnings as errors and read by people; linting them
# costs as much as all the rest.
#
# A file that was clean and whose content, headers and flags are what they were is not looked at again (BUILD_DIR/lint).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

die() { printf 'lint: %s\n' "$*" >&2; exit 2; }
(($#)) || die "usage: cmake/lint.sh BUILD_DIR [--changed [BASE] | FILE...]"
build=$1
shift
tidy=${CLANG_TIDY:-clang-tidy}
jobs=${ALUDEL_JOBS:-$(nproc)}
command -v "$tidy" >/dev/null || die "there is no $tidy; ./dev setup installs it"
[[ -f $build/compile_commands.json ]] || die "there is no $build/compile_commands.json; build first"

files=()
if [[ ${1:-} == --changed ]]; then
  base=$(git merge-base HEAD "${2:-main}") || die "there is no ${2:-main} to compare with"
  mapfile -t changed < <(git diff --name-only --diff-filter=d "$base" -- '*.cpp' '*.hpp'; git ls-files --others --exclude-standard -- '*.cpp' '*.hpp')
  for file in "${changed[@]}"; do
    case $file in
      *.cpp) files+=("$file") ;;
      *) while read -r user; do files+=("$user"); done < <(git grep -lF "${file#*/include/}" -- '*.cpp' || true) ;;
    esac
  done
elif (($#)); then
  files=("$@")
else
  mapfile -t files < <(git ls-files --cached --others --exclude-standard -- 'core/*.cpp' 'sdk/*.cpp' 'plugins/*.cpp' 'apps/*.cpp')
fi

# Only what is compiled has flags to be read with, and tests are left out unless named.
mapfile -t compiled < <(sed -n 's/^ *"file": "\(.*\)",\{0,1\}$/\1/p' "$build/compile_commands.json" | sort -u)
declare -A known=()
for file in "${compiled[@]}"; do known[$(realpath -m "$file")]=1; done
selected=()
while read -r file; do
  [[ -n $file && -n ${known[$(realpath -m "$file")]:-} ]] || continue
  [[ $file == tests/* && ${1:-} == --changed ]] && continue
  selected+=("$file")
done < <(printf '%s\n' "${files[@]}" | sort -u)
((${#selected[@]})) || { echo "lint: nothing to look at" >&2; exit 0; }

mkdir -p "$build/lint"
tidy_version=$("$tidy" --version | sed -n 's/.*version //p')
export tidy build tidy_version

# One file: skipped when its stamp is that of a clean run. The stamp covers the file, every header of ours, the checks and the flags.
headers=$(git ls-files --cached --others --exclude-standard -- '*.hpp' | xargs sha256sum 2>/dev/null | sha256sum)
export headers
lint_one() {
  local file=$1 stamp sum output
  stamp=$build/lint/${file//\//_}
  sum=$( (cat "$file" .clang-tidy; echo "$headers $tidy_version"; grep -F "$file" "$build/compile_commands.json") | sha256sum)
  [[ -f $stamp && $(<"$stamp") == "$sum" ]] && return 0
  if output=$("$tidy" -p "$build" --quiet "$file" 2>/dev/null); then
    printf '%s' "$sum" >"$stamp"
  else
    rm -f "$stamp"
    printf '%s\n' "$output"
    return 1
  fi
}
export -f lint_one

if printf '%s\0' "${selected[@]}" | xargs -0 -n 1 -P "$jobs" bash -c 'lint_one "$1" || exit 1' _; then
  echo "lint: ${#selected[@]} files are clean" >&2
else
  die "clang-tidy found what is printed above; mend it, or say why not with NOLINTNEXTLINE(check) and a reason"
fi
