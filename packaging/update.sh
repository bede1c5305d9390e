#!/usr/bin/env bash
# Brings a new version onto a box, beside the present one, and goes back by itself when it does not come up well.
#
#   update.sh install FILE.whl [LOCK]   install, check the site file with it, switch, watch; kept, or back (exit code 5)
#   update.sh settle                    before every start (systemd): one that was never proved and falls over again goes back
#   update.sh back                      by hand: the release before
#   update.sh list
#
# In /opt/plantroom: releases/NAME, a virtual environment each; the links current, previous and bin (current/bin); and while a
# release is not proved yet the file unproved, which holds how often it was started. Power may go at any moment of this.
# LOCK: pinned requirements. Without it, or with that of the present release, its libraries are used again and nothing is loaded.
set -euo pipefail

home=${PLANTROOM_HOME:-/opt/plantroom}
site=${PLANTROOM_SITE:-/etc/plantroom/site.yaml}
export PLANTROOM_SOCKET=${PLANTROOM_SOCKET:-/run/plantroom/plantroom.sock}
restart=${PLANTROOM_RESTART:-systemctl restart plantroom.service}
within=${PLANTROOM_WELL_WITHIN:-2 min}  # until all is well with the new one
again="2 min"                           # and with the old one
proof=${PLANTROOM_PROOF:-60}            # seconds it has to stay so
starts=3                                # of one that is not proved
kept=3                                  # releases

say() { echo "update: $*"; }
die() { local code=$1; shift; echo "update: $*" >&2; exit "$code"; }

point() {  # point NAME TARGET: a link in one step
  ln -sfn "$2" "$home/.$1.new"
  mv -T "$home/.$1.new" "$home/$1"
}

note() {  # note NUMBER: durable before what it guards
  echo "$1" >"$home/.unproved.new"
  sync "$home/.unproved.new"
  mv "$home/.unproved.new" "$home/unproved"
  sync "$home"
}

go_back() {  # go_back WHY
  local bad
  [ -x "$home/previous/bin/plantroom" ] || die 1 "there is no release to go back to ($1)"
  bad=$(readlink "$home/current")
  echo "$(date -u +%FT%TZ) $1" >"$home/$bad/REFUSED" || true
  point current "$(readlink "$home/previous")"
  sync "$home"
  rm -f "$home/unproved"
  echo "update: back to $(readlink "$home/current"): $1" >&2
}

fill() {  # fill FOLDER WHEEL LOCK: the virtual environment of a release
  local new=$1 wheel=$2 lock=$3 python=python3 packages
  [ ! -x "$home/current/bin/python" ] || python=$(readlink -f "$home/current/bin/python")
  if [ -e "$home/current" ] && { [ -z "$lock" ] || cmp -s "$lock" "$home/current/requirements.lock"; }; then
    "$python" -m venv --without-pip "$new"
    packages=$(cd "$home/current" && echo lib/python3*/site-packages)
    cp -al "$home/current/$packages/." "$new/$packages/"
    [ ! -e "$home/current/requirements.lock" ] || cp "$home/current/requirements.lock" "$new/"
  else
    [ -n "$lock" ] || die 2 "the first release needs its pinned requirements: install FILE.whl requirements.lock"
    "$python" -m venv "$new"
    "$new/bin/python" -m pip install --quiet --require-hashes -r "$lock"
    cp "$lock" "$new/requirements.lock"
  fi
  "$new/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --no-index --force-reinstall "$wheel"
  "$new/bin/plantroom" version
}

well() { "$home/current/bin/plantroom" well "$@"; }

install() {
  local wheel=$1 lock=${2:-} name new before
  [ -f "$wheel" ] || die 2 "there is no file $wheel"
  [ ! -e "$home/unproved" ] || die 1 "an update is under way or was cut off; wait, or take it back: update.sh back"
  name=$(basename "$wheel" .whl | cut -d- -f2)-$(date -u +%Y%m%d-%H%M%S)
  new=$home/releases/$name
  mkdir -p "$home/releases"
  ( fill "$new" "$wheel" "$lock" ) || { rm -rf "$new"; die 1 "$wheel cannot be installed; nothing has changed"; }
  if [ -e "$site" ]; then
    "$new/bin/plantroom" check "$site" >/dev/null || { rm -rf "$new"; die 2 "$site does not do for it; nothing has changed"; }
  fi
  if [ ! -e "$home/current" ]; then
    point current "releases/$name"
    point bin current/bin
    say "$name is installed, the first one"
    return
  fi
  before=$home/.before.json
  well --json >"$before" 2>/dev/null || true
  point previous "$(readlink "$home/current")"
  sync "$home"
  note 0
  point current "releases/$name"
  point bin current/bin
  say "$name takes over from $(readlink "$home/previous")"
  if $restart && well --like "$before" --within "$within" && sleep "$proof" && well --like "$before" &&
    [ "$(readlink "$home/current")" = "releases/$name" ]; then
    rm -f "$home/unproved"
    prune
    say "$name is proved"
    return
  fi
  if [ "$(readlink "$home/current")" = "releases/$name" ]; then  # else it has gone back by itself: settle
    go_back "it did not come up well within $within"
    $restart || say "the release before does not start either"
  fi
  well --like "$before" --within "$again" || die 6 "went back, and all is not well: look at the site"
  die 5 "$name was refused; $(readlink "$home/current") is in charge as before"
}

settle() {
  local count
  [ -e "$home/unproved" ] || return 0
  count=$(($(cat "$home/unproved" 2>/dev/null || echo 0) + 1))
  if [ "$count" -gt "$starts" ]; then go_back "it was started $starts times and never proved"; else note "$count"; fi
}

prune() {  # the newest few stay; what is linked always does
  local one
  for one in $(cd "$home/releases" && ls -1t | tail -n +$((kept + 1))); do
    case "releases/$one" in
      "$(readlink "$home/current")" | "$(readlink "$home/previous")") ;;
      *) rm -rf "$home/releases/${one:?}" ;;
    esac
  done
}

list() {
  local one
  for one in "$home"/releases/*/; do
    one=releases/$(basename "$one")
    echo "$one$([ "$one" != "$(readlink "$home/current")" ] || echo ' (current)')$(
      [ "$one" != "$(readlink "$home/previous" 2>/dev/null)" ] || echo ' (previous)')$(
      [ ! -e "$home/$one/REFUSED" ] || echo " refused $(cat "$home/$one/REFUSED")")"
  done
}

case "${1:-}" in
  install)
    [ $# -ge 2 ] || die 2 "which file? update.sh install FILE.whl"
    mkdir -p "$home"
    exec 9>"$home/.update.lock"
    flock -n 9 || die 1 "another update is running"
    install "$2" "${3:-}" 9>&-
    ;;
  settle) settle ;;
  back) go_back "by hand"; $restart ;;
  list) list ;;
  *) die 2 "write install FILE.whl [LOCK], settle, back or list" ;;
esac
