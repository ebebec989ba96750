# shellcheck shell=bash
# For scripts/build, scripts/test and scripts/lint, which run in the root of the tree.

# A clone in another folder finds what this one has compiled.
export CCACHE_BASEDIR=$PWD
export CCACHE_NOHASHDIR=1

heading() {
  printf '\n== %s\n' "$1"
}

# took NAME SECONDS_AT_START
took() {
  printf '== %s: %d s\n' "$1" $((SECONDS - $2))
}

# The closing line; inside .ci/run, which adds up, a line in its file instead.
closing_line() {
  local passed=$1 failed=$2
  if [[ -n "${CI_TALLY:-}" ]]; then
    echo "$passed $failed" >>"$CI_TALLY"
  else
    printf '\n%d passed, %d failed\n' "$passed" "$failed"
  fi
}
