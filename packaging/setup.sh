#!/usr/bin/env bash
# Makes a checkout ready on a fresh Debian machine: virtual environment, locked dependencies, the page, and for the
# tests a broker, a browser and peers. Called by `make setup` and `make setup-test`; does nothing when nothing changed.
set -euo pipefail
cd "$(dirname "$0")/.."
with_tests=${1:-}
PATH=$PATH:/usr/sbin  # where Debian keeps mosquitto

need_packages() {  # need_packages COMMAND=PACKAGE ... : installs what is missing, or says in one line what to install
  local missing=()
  for pair in "$@"; do command -v "${pair%%=*}" >/dev/null 2>&1 || [ -e "${pair%%=*}" ] || missing+=("${pair#*=}"); done
  [ ${#missing[@]} -eq 0 ] && return 0
  if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "installing system packages: ${missing[*]}"
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
  else
    echo "please install first: sudo apt-get install ${missing[*]}" >&2
    exit 1
  fi
}

need_packages python3=python3
python3 - <<'PY' || { echo "Python 3.11 or newer is needed, this is $(python3 --version)" >&2; exit 1; }
import sys
sys.exit(sys.version_info < (3, 11))
PY
python3 -c 'import ensurepip, venv' 2>/dev/null || need_packages /nonexistent=python3-venv

stamp=.venv/.ready
state=$(cat requirements-dev.lock pyproject.toml | sha256sum | cut -d' ' -f1)
if [ ! -x .venv/bin/plantroom ] || [ "$(cat $stamp 2>/dev/null)" != "$state" ]; then
  echo "making the virtual environment .venv"
  [ -x .venv/bin/python ] || python3 -m venv .venv
  export PIP_DISABLE_PIP_VERSION_CHECK=1
  .venv/bin/python -m pip install --quiet --require-hashes -r requirements-dev.lock
  .venv/bin/python -m pip install --quiet --no-deps --no-build-isolation -e .
  echo "$state" >$stamp
fi

.venv/bin/python agent/web/ui/build.py

if [ "$with_tests" = tests ]; then
  need_packages mosquitto=mosquitto mosquitto_pub=mosquitto-clients chromium=chromium gcc=gcc mbpoll=mbpoll \
    /usr/include/stdio.h=libc6-dev /usr/include/modbus/modbus.h=libmodbus-dev
fi
